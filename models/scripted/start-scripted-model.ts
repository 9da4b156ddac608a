import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';

import { SCRIPTED_MODEL } from './completion-body.ts';
import { deliverAnswer, sendJson } from './deliver-answer.ts';
import { parseRequest } from './parse-request.ts';
import type { ParsedRequest } from './parse-request.ts';
import type { Script, ScriptedAnswer, ScriptedRequest } from './script.ts';

const REQUESTS_KEPT = 500;

export interface ScriptedModelOptions {
  readonly script: Script;
  /** Answers the requests for what is worth remembering, beside the script. Default: finds nothing. */
  readonly memories?: Script;
  /** Default: a free one. */
  readonly port?: number;
  /** Milliseconds before every answer that gives no `delayMs` of its own. Default 0. */
  readonly delayMs?: number;
}

/** A request that reached the scripted model, and what became of it. */
export interface RecordedRequest {
  readonly request: ScriptedRequest;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** `pending` until the script's answer is written; `left` where the caller went away before that. */
  readonly outcome: 'pending' | 'answered' | 'left';
}

export interface ScriptedModel {
  /** Address for a client of the chat-completions protocol, e.g. `http://127.0.0.1:41234/v1`. */
  readonly baseURL: string;
  readonly model: typeof SCRIPTED_MODEL;
  /** The latest requests that the script answered, at most 500, oldest first. */
  requests(): readonly RecordedRequest[];
  /** The latest requests for what is worth remembering. */
  memoryRequests(): readonly RecordedRequest[];
  /** From now on answers by another script. */
  setScript(script: Script): void;
  setMemories(script: Script): void;
  /** Cuts what is in flight and closes the server. */
  stop(): Promise<void>;
}

interface Desk {
  script: Script;
  memories: Script;
  readonly delayMs: number;
  readonly recorded: {
    request: ScriptedRequest;
    headers: RecordedRequest['headers'];
    outcome: RecordedRequest['outcome'];
  }[];
  readonly attempts: Map<string, number>;
}

/**
 * Starts a model server on loopback that speaks the chat-completions protocol over real HTTP, streamed and not, and
 * whose answers are written by a script. Every answer names its model `scripted`.
 * @throws Error where the port is taken
 */
export async function startScriptedModel({
  script,
  memories = findNothing,
  port = 0,
  delayMs = 0,
}: ScriptedModelOptions): Promise<ScriptedModel> {
  const desk: Desk = { script, memories, delayMs, recorded: [], attempts: new Map() };
  const server = createServer((request, response) => void serve(desk, request, response));
  const boundPort = await listen(server, port);
  return {
    baseURL: `http://127.0.0.1:${boundPort}/v1`,
    model: SCRIPTED_MODEL,
    requests: () => desk.recorded.filter(({ request }) => !asksForMemories(request)),
    memoryRequests: () => desk.recorded.filter(({ request }) => asksForMemories(request)),
    setScript: (next) => {
      desk.script = next;
    },
    setMemories: (next) => {
      desk.memories = next;
    },
    stop: () => close(server),
  };
}

async function serve(desk: Desk, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = (request.url ?? '').split('?')[0];
  if (request.method === 'GET' && path === '/v1/models') {
    return sendJson(response, 200, { object: 'list', data: [{ id: SCRIPTED_MODEL, object: 'model' }] });
  }
  if (request.method !== 'POST' || path !== '/v1/chat/completions') {
    return sendJson(response, 404, errorBody(`The scripted model has no ${request.method} ${path}`));
  }
  try {
    await complete(desk, request, response);
  } catch (error) {
    if (response.headersSent || response.destroyed) response.destroy();
    else sendJson(response, 500, errorBody(`The script of the scripted model failed: ${messageOf(error)}`));
  }
}

async function complete(desk: Desk, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  const body = await readBody(request);
  let parsed: ParsedRequest;
  try {
    parsed = parseRequest(body);
  } catch (error) {
    return sendJson(response, 400, errorBody(`The request is not a chat completion: ${messageOf(error)}`));
  }
  const scripted = { ...parsed.request, attempt: countAttempt(desk, parsed.fingerprint) };
  const record = recordRequest(desk, scripted, request.headers);
  try {
    const script = asksForMemories(scripted) ? desk.memories : desk.script;
    const answer: ScriptedAnswer = { delayMs: desk.delayMs, ...(await script(scripted)) };
    const { promptText } = parsed;
    await deliverAnswer(response, { answer, stream: scripted.stream, promptText, gone: gone.signal });
    record.outcome = 'answered';
  } catch (error) {
    if (!gone.signal.aborted) throw error;
    record.outcome = 'left';
  }
}

/** Such a request offers one tool and no other; it comes beside the turns, whenever it comes. */
const SAVE = 'save_memories';

function asksForMemories({ tools }: Pick<ScriptedRequest, 'tools'>): boolean {
  return tools.length === 1 && tools[0] === SAVE;
}

const findNothing: Script = () => ({ calls: [{ name: SAVE, arguments: { items: [] } }] });

function countAttempt({ attempts }: Desk, fingerprint: string): number {
  const attempt = (attempts.get(fingerprint) ?? 0) + 1;
  attempts.set(fingerprint, attempt);
  const oldest = attempts.keys().next();
  if (attempts.size > 10_000 && !oldest.done) attempts.delete(oldest.value);
  return attempt;
}

function recordRequest(
  desk: Desk,
  request: ScriptedRequest,
  headers: RecordedRequest['headers'],
): Desk['recorded'][number] {
  const record: Desk['recorded'][number] = { request, headers: { ...headers }, outcome: 'pending' };
  desk.recorded.push(record);
  if (desk.recorded.length > REQUESTS_KEPT) desk.recorded.shift();
  return record;
}

async function readBody(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece);
  return Buffer.concat(pieces).toString('utf8');
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) =>
      reject(new Error(`The scripted model cannot listen on port ${port}: ${error.message}`)),
    );
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

function errorBody(message: string): object {
  return { error: { message, type: 'invalid_request_error', param: null, code: null } };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
