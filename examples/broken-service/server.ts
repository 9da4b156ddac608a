import { appendFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { closeServer, listenOn, sendJson } from '../json-http.ts';
import { createRenderCache, type RenderCache } from './render-cache.ts';
import { createRenderer, type Log, type Renderer } from './renderer.ts';

export interface BrokenServiceOptions {
  /** Default: any free port. */
  readonly port?: number;
  /** The only folder it touches: its log and its cache. */
  readonly dataDir: string;
}

export interface BrokenService {
  readonly url: string;
  /** Path of its log, inside `dataDir`. */
  readonly logFile: string;
  close(): Promise<void>;
}

const QUOTA_BYTES = 1024 * 1024;
const PAGE_BYTES = 16 * 1024;

/**
 * Starts a service that renders pages into a cache. The cache is full from the beginning and nothing empties it, so the
 * render worker has stalled and the health check fails: to get well it needs an empty cache, then a restarted worker.
 */
export async function startBrokenService({ port = 0, dataDir }: BrokenServiceOptions): Promise<BrokenService> {
  const logFile = 'page-renderer.log';
  const folder = join(dataDir, 'cache');
  await mkdir(folder, { recursive: true });
  const log: Log = (level, message) =>
    appendFileSync(join(dataDir, logFile), `${new Date().toISOString()} ${level} ${message}\n`);
  const cache = createRenderCache({ folder, quotaBytes: QUOTA_BYTES });
  const renderer = createRenderer({ cache, log });
  await breakDown({ cache, renderer, log });
  const done: ActionCounts = { cacheCleared: 0, restarted: 0 };
  const server = createServer((request, response) => {
    request.resume();
    void answer({ method: request.method ?? '', path: request.url ?? '/', cache, renderer, log, done })
      .catch((error: unknown) => ({ status: 500, body: { error: String(error) } }))
      .then(({ status, body }) => sendJson(response, status, body));
  });
  const url = await listenOn(server, port);
  return { url, logFile, close: () => closeServer(server) };
}

/** Fills the cache to its quota and lets the worker run into it. */
async function breakDown({ cache, renderer, log }: Parts): Promise<void> {
  log('INFO', 'page-renderer 2.4.1 starting');
  log('INFO', `cache quota ${QUOTA_BYTES} bytes, eviction off`);
  const room = Math.floor((QUOTA_BYTES - (await cache.usedBytes())) / PAGE_BYTES);
  for (let page = 1; page <= room; page += 1) await cache.write(`page-${page}.bin`, Buffer.alloc(PAGE_BYTES, page));
  log('INFO', 'render worker is up');
  log('WARN', `cache is ${Math.round(((await cache.usedBytes()) / QUOTA_BYTES) * 100)} % full`);
  while (renderer.state() === 'running') await renderer.render();
}

interface Parts {
  readonly cache: RenderCache;
  readonly renderer: Renderer;
  readonly log: Log;
}

interface ActionCounts {
  cacheCleared: number;
  restarted: number;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

async function answer({
  method,
  path,
  ...parts
}: Parts & { readonly method: string; readonly path: string; readonly done: ActionCounts }): Promise<Answer> {
  switch (`${method} ${path}`) {
    case 'GET /health':
      return health(parts);
    case 'GET /admin/status':
      return {
        status: 200,
        body: { worker: parts.renderer.state(), usedBytes: await parts.cache.usedBytes(), ...parts.done },
      };
    case 'POST /admin/clear-cache': {
      parts.done.cacheCleared += 1;
      const cleared = await parts.cache.clear();
      parts.log('INFO', `cache cleared by an administrator: ${cleared.files} files, ${cleared.freedBytes} bytes`);
      return { status: 200, body: cleared };
    }
    case 'POST /admin/restart':
      parts.done.restarted += 1;
      await parts.renderer.restart();
      return { status: 200, body: { worker: parts.renderer.state() } };
    default:
      return { status: 404, body: { error: `there is no ${method} ${path}` } };
  }
}

/** Says that something is wrong, not what: that is in the log. */
function health({ renderer }: Parts): Answer {
  const worker = renderer.state();
  return worker === 'running'
    ? { status: 200, body: { status: 'healthy' } }
    : { status: 503, body: { status: 'unhealthy', detail: 'no pages rendered' } };
}
