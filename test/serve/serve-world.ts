import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openService } from '../../cli/running/open-service.ts';
import type { Actor } from '../../contracts/transcript.ts';
import { DEFAULT_LIMITS, createKey, readKeyFile, rights, writeKeyFile } from '../../serve/index.ts';
import type { LimitSettings, Right, RunningService } from '../../serve/index.ts';
import type { ConnectedWaymark, TaskHandle } from '../../client/index.ts';
import { openClientWorld, untilStatus } from '../client/client-world.ts';
import type { ClientWorld } from '../client/client-world.ts';
import { scribe } from '../client/scribe.ts';
import type { ScribeAct } from '../client/scribe.ts';
import type { RunningProgram } from '../support/program.ts';
import { runProgram } from '../support/program.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export const LINK_KEY = 'a key of links that only tests know';

/** What came back. */
export interface Answer<Body = unknown> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

/** A running service, asked with one key or none. */
export interface TestService extends RunningService {
  get(path: string, options?: AskOptions): Promise<Answer<Record<string, never>>>;
  post(path: string, body: unknown, options?: AskOptions): Promise<Answer<Record<string, never>>>;
}

export interface AskOptions {
  readonly key?: string;
  readonly headers?: Record<string, string>;
}

export interface KeyOptions {
  readonly tenant?: string;
  readonly rights?: readonly Right[];
  readonly actor?: Actor;
  readonly roles?: readonly string[];
  readonly days?: number;
}

/** The client's world, and services over it. */
export interface ServeWorld extends ClientWorld {
  readonly env: NodeJS.ProcessEnv;
  readonly keyFile: string;
  /** Makes a key and gives its token. Default: all rights in the default tenant. */
  makeKey(options?: KeyOptions): Promise<string>;
  serve(options?: ServeOptions): Promise<TestService>;
  /** The service in a process of its own, as `waymark serve` starts it. */
  serveInProcess(): Promise<{ readonly program: RunningProgram; readonly url: string }>;
}

export interface ServeOptions {
  readonly limits?: Partial<LimitSettings>;
  readonly env?: NodeJS.ProcessEnv;
}

/** A service over a worker with the scribe, a key that may do everything, and a client beside it. */
export interface Served {
  readonly world: ServeWorld;
  readonly service: TestService;
  readonly key: string;
  readonly waymark: ConnectedWaymark;
  /** A task that has come to wait. */
  readonly waiting: (
    act: ScribeAct,
    options?: { readonly key?: string; readonly subject?: string },
  ) => Promise<TaskHandle>;
}

export async function openServed(options: ServeOptions = {}): Promise<Served> {
  const world = await openServeWorld();
  const waymark = await world.connect({ linkKey: LINK_KEY });
  await world.startWorker();
  // Without any key the service would ask for none.
  const token = await world.makeKey();
  return {
    world,
    waymark,
    key: token,
    service: await world.serve(options),
    waiting: async (act, { key = freshKey(), subject } = {}) => {
      const input = { act, ...(subject === undefined ? {} : { subject }) };
      const task = await waymark.start(scribe, { key, input });
      await untilStatus(task, 'waiting');
      return task;
    },
  };
}

export async function openServeWorld(): Promise<ServeWorld> {
  const world = await openClientWorld();
  const dataDir = await mkdtemp(join(tmpdir(), 'waymark-serve-'));
  const keyFile = join(dataDir, 'serve-keys.json');
  const env: NodeJS.ProcessEnv = {
    PATH: process.env['PATH'],
    WAYMARK_DATA: dataDir,
    WAYMARK_LOG: 'silent',
    TEMPORAL_ADDRESS: world.temporal.address,
    REDIS_URL: world.redis.url,
    WAYMARK_AGENTS: join(ROOT, 'test/client/scribe.ts'),
    WAYMARK_LINK_KEY: LINK_KEY,
  };
  const running = new Set<RunningService>();
  const programs = new Set<RunningProgram>();
  return {
    ...world,
    env,
    keyFile,
    makeKey: async (options = {}) => {
      const { token, stored } = createKey(keyOf(options));
      await writeKeyFile(keyFile, [...(await readKeyFile(keyFile)), stored]);
      return token;
    },
    serve: async (options = {}) => {
      const session = {
        env: { ...env, ...options.env },
        tenant: undefined,
        actor: { kind: 'person', id: 'local' } as const,
        roles: [],
        say: () => undefined,
      };
      const limits = { ...DEFAULT_LIMITS, requests: 10_000, strangers: 10_000, ...options.limits };
      const service = await openService(session, { host: '127.0.0.1', port: 0, limits });
      running.add(service);
      return asked(service);
    },
    serveInProcess: async () => {
      const program = runProgram(['serve', '--port', '0', '--json'], env);
      programs.add(program);
      await program.until(/"pid": \d+\s*\}/);
      const { url }: { url: string } = JSON.parse(program.stdout());
      return { program, url };
    },
    stop: async () => {
      for (const { kill } of programs) kill();
      await Promise.all([...running].map((service) => service.stop()));
      await world.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

function keyOf({
  tenant = 'default',
  rights: allowed = rights,
  actor,
  roles,
  days,
}: KeyOptions): Parameters<typeof createKey>[0] {
  return {
    tenant,
    rights: allowed,
    actor: actor ?? { kind: 'person', id: 'ada@example.com' },
    ...(roles === undefined ? {} : { roles }),
    ...(days === undefined ? {} : { expiresAt: new Date(Date.now() + days * 86_400_000).toISOString() }),
  };
}

function asked(service: RunningService): TestService {
  const headersOf = ({ key, headers }: AskOptions) => ({
    ...(key === undefined ? {} : { Authorization: `Bearer ${key}` }),
    ...headers,
  });
  return {
    ...service,
    get: async (path, options = {}) => answerOf(await fetch(`${service.url}${path}`, { headers: headersOf(options) })),
    post: async (path, body, options = {}) =>
      answerOf(
        await fetch(`${service.url}${path}`, {
          method: 'POST',
          body: typeof body === 'string' ? body : JSON.stringify(body),
          headers: { 'Content-Type': 'application/json', ...headersOf(options) },
        }),
      ),
  };
}

/** A body as it came: tests look into it, and fail where it is not what they expect. */
async function answerOf(response: Response): Promise<Answer<Record<string, never>>> {
  const text = await response.text();
  const body = response.headers.get('content-type')?.includes('json') ? JSON.parse(text) : { text };
  return { status: response.status, headers: response.headers, body };
}

/** A key that no other test uses. */
export function freshKey(): string {
  return randomUUID();
}
