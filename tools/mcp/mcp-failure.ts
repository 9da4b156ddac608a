import { asSentence } from '../../contracts/sentence.ts';
import { DidNotAct } from '../did-not-act.ts';
import { ToolRefusal } from '../refusal.ts';
import { SourceAway } from '../tool-source.ts';
import { serverWords } from './mcp-definition.ts';
import type { McpServerDefinition } from './mcp-definition.ts';
import { HttpRefusal } from './mcp-fetch.ts';

const LONGEST_WORDS = 1_000;

/** What is known of a request that came to nothing. */
export interface McpBreak {
  readonly error: unknown;
  /** The connection has ended. */
  readonly ended: boolean;
  /** Nothing came back in this time. */
  readonly timedOutAfterMs?: number;
}

/** The call that was made. */
interface Asked {
  readonly definition: McpServerDefinition;
  readonly tool: string;
  /** Must not run twice: what a live server answers settles it, even that it broke. */
  readonly once: boolean;
}

/** Codes of `fetch` and of sockets for a connection that was never made: nothing was sent. */
const NEVER_CONNECTED: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EHOSTDOWN',
  'ENETDOWN',
  'EADDRNOTAVAIL',
  'UND_ERR_CONNECT_TIMEOUT',
  'ERR_INVALID_URL',
  'ERR_SSL_WRONG_VERSION_NUMBER',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

/** Answers over HTTP that say that the request was not taken. */
const NOT_TAKEN: ReadonlySet<number> = new Set([
  301, 302, 303, 307, 308, 401, 403, 404, 405, 406, 407, 410, 415, 421, 425, 426, 429,
]);

/**
 * Why a call came to nothing, as the loop wants it: a `ToolRefusal` for a live server's words, `DidNotAct` where it
 * surely was not made, and any other error where nobody knows.
 */
export async function callFailure(given: McpBreak, { definition, tool, once }: Asked): Promise<Error> {
  const { error, timedOutAfterMs } = given;
  const server = `MCP server "${definition.name}"`;
  const cause = { cause: error };
  if (timedOutAfterMs !== undefined) {
    return new Error(`${server} did not answer ${tool} within ${timedOutAfterMs / 1_000} s.`, cause);
  }
  const said = await serversWords(given);
  if (said !== undefined) {
    const words = asSentence(`${server} answered ${tool} with an error: ${said.words}`);
    if (!said.broke) return new ToolRefusal(words, cause);
    return once ? new ToolRefusal(`${words} It does not say whether it had begun.`, cause) : new Error(words, cause);
  }
  const status = await statusOf(error);
  if (status !== undefined) return httpFailure(status, { server, tool });
  if (neverConnected(error)) {
    const why = asSentence(`${server} was not asked for ${tool}: ${reasonOf(error)}`);
    return new DidNotAct(`${why} ${remedyOf(undefined)}`, cause);
  }
  if (given.ended) return new Error(`${server} went away in the middle of the call of ${tool}.`, cause);
  return new Error(asSentence(`${server} broke off the call of ${tool}: ${reasonOf(error)}`), cause);
}

/** The call was not made, because there is no connection. */
export function notConnected(error: unknown, { definition, tool }: Omit<Asked, 'once'>): DidNotAct {
  const why = error instanceof SourceAway ? `${error.message} ${error.remedy}` : reasonOf(error);
  return new DidNotAct(`${tool} of MCP server "${definition.name}" was not called: ${why}`, { cause: error });
}

function httpFailure(
  { status, words, retryAfterMs, cause }: HttpWords,
  asked: { server: string; tool: string },
): Error {
  const answer = asSentence(`${asked.server} answered ${asked.tool} with ${words}`);
  const busy = status === 503 && retryAfterMs !== undefined;
  if (NOT_TAKEN.has(status) || busy) {
    const wait = retryAfterMs === undefined ? {} : { retryAfterMs };
    return new DidNotAct(`${answer} ${remedyOf(status)}`, { cause, ...wait });
  }
  return status < 500 ? new ToolRefusal(answer, { cause }) : new Error(answer, { cause });
}

/** Why no connection was made, and what to do. `said`: what the server said last on standard error. */
export async function connectFailure(
  definition: McpServerDefinition,
  error: unknown,
  said: string,
): Promise<SourceAway> {
  const server = serverWords(definition);
  const status = await statusOf(error);
  const reason = status?.words ?? reasonOf(error);
  const verb =
    status === undefined ? 'does not answer' : [401, 403].includes(status.status) ? 'does not let us in' : 'refuses us';
  const message = `${server} ${verb}: ${reason}${said === '' ? '' : `; it said: ${said}`}`;
  return new SourceAway(asSentence(message), {
    remedy: remedyOf(status?.status),
    status: status?.status,
    cause: error,
  });
}

/** Why a server that was reached did not say what it has. */
export async function listFailure(definition: McpServerDefinition, error: unknown): Promise<SourceAway> {
  const status = await statusOf(error);
  const said = status === undefined ? await serversWords({ error, ended: false }) : undefined;
  const reason = status?.words ?? said?.words ?? reasonOf(error);
  const remedy = remedyOf(status?.status ?? (said === undefined ? undefined : 500));
  const message = `${serverWords(definition)} does not say which tools it has: ${reason}`;
  return new SourceAway(asSentence(message), { remedy, status: status?.status, cause: error });
}

function remedyOf(status: number | undefined): string {
  if (status === undefined) return 'Start it, or mend its address.';
  if (status === 401 || status === 403) return 'Give it what it asks for: `auth` or `headers` of its definition.';
  if (status === 429) return 'It is asked too often: set `limits`.';
  if (status >= 500) return 'It is broken: look at its log.';
  return 'Mend its address, or ask who runs it.';
}

interface HttpWords {
  readonly status: number;
  readonly words: string;
  readonly retryAfterMs?: number;
  readonly cause: unknown;
}

/** An answer over HTTP that is no JSON-RPC. */
async function statusOf(error: unknown): Promise<HttpWords | undefined> {
  const { UnauthorizedError } = await import('@modelcontextprotocol/sdk/client/auth.js');
  const { StreamableHTTPError } = await import('@modelcontextprotocol/sdk/client/streamableHttp.js');
  const { OAuthError } = await import('@modelcontextprotocol/sdk/server/auth/errors.js');
  if (error instanceof HttpRefusal) {
    const { status, message, retryAfterMs } = error;
    return { status, words: message, cause: error, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
  }
  if (error instanceof OAuthError)
    return { status: 401, words: `HTTP 401, and no token: ${error.message}`, cause: error };
  if (error instanceof UnauthorizedError) return { status: 401, words: `HTTP 401: ${error.message}`, cause: error };
  if (!(error instanceof StreamableHTTPError) || error.code === undefined || error.code < 300) return undefined;
  return { status: error.code, words: `HTTP ${error.code}: ${reasonOf(error)}`, cause: error };
}

/** The protocol says 404; some servers say 400. Both are answers of a server that has not taken the message. */
export async function isUnknownSession(error: unknown): Promise<boolean> {
  const answer = await statusOf(error);
  if (answer === undefined) return false;
  return answer.status === 404 || (answer.status === 400 && /session|not initialized/i.test(answer.words));
}

/** Has somebody answered, if only to say no? Then the server lives. */
export async function isAlive(given: McpBreak): Promise<boolean> {
  const status = await statusOf(given.error);
  if (status !== undefined) return status.status !== 404;
  return (await serversWords(given)) !== undefined;
}

/**
 * What the server itself said of a request. The SDK uses codes of the same range for what it finds out: a connection that
 * has ended, and time that is over.
 */
async function serversWords({ error, ended }: McpBreak): Promise<{ words: string; broke: boolean } | undefined> {
  const { ErrorCode, McpError } = await import('@modelcontextprotocol/sdk/types.js');
  if (!(error instanceof McpError) || (error.code === ErrorCode.ConnectionClosed && ended)) return undefined;
  const said = error.message.replace(/^MCP error -?\d+: /, '');
  const data = error.data === undefined ? '' : ` ${JSON.stringify(error.data)}`;
  const words = `${said}${data}`
    .slice(0, LONGEST_WORDS)
    .toWellFormed()
    .replace(/[.\s]+$/, '');
  return { words: `${words} (${error.code})`, broke: error.code === ErrorCode.InternalError };
}

/** A connection that was never made; the SDK's own word for it has no code. */
function neverConnected(error: unknown): boolean {
  return causesOf(error).some(
    (cause) => cause.message === 'Not connected' || ('code' in cause && NEVER_CONNECTED.has(String(cause.code))),
  );
}

/** An error, what caused it, and so on; of several addresses that were tried, each. */
function causesOf(error: unknown): readonly Error[] {
  if (!(error instanceof Error)) return [];
  const inner = error instanceof AggregateError ? error.errors : [];
  return [error, ...inner.flatMap(causesOf), ...causesOf(error.cause)];
}

/** `fetch` wraps what went wrong. */
export function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const first = cause instanceof AggregateError ? (cause.errors[0] ?? cause) : cause;
  const words = first instanceof Error ? first.message || first.name : String(first);
  return words
    .slice(0, LONGEST_WORDS)
    .toWellFormed()
    .replace(/[.\s]+$/, '');
}
