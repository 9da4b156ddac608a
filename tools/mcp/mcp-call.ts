import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import type { ToolContext } from '../define-tool.ts';
import { refuse } from '../refusal.ts';
import type { McpConnection } from './mcp-connection.ts';
import type { McpSession } from './mcp-session.ts';

const LOOK_EVERY_MS = 3_000;
const LOOK_MS = 2_500;

/** A call of a server's tool. */
export interface McpCall {
  /** The server's name, for people. */
  readonly server: string;
  /** The server's own name of the tool. */
  readonly name: string;
  readonly arguments: Record<string, unknown>;
  readonly timeoutMs: number;
}

/**
 * Calls a tool; cancelling reaches the server, and its progress reaches `context.progress`.
 * @throws ToolRefusal where the server finds the call wrong, any other error where it is broken or gone
 */
export async function callMcpTool(session: McpSession, call: McpCall, context: ToolContext): Promise<CallToolResult> {
  const connection = await session.connection();
  try {
    return await callOver(session, connection, { call, context });
  } catch (error) {
    context.signal.throwIfAborted();
    // A server that was started anew does not know the session, and so has not made the call.
    if (!(await isUnknownSession(error))) throw await explained(call, error);
    await session.drop(connection);
    return callOver(session, await session.connection(), { call, context }).catch(async (again: unknown) => {
      throw await explained(call, again);
    });
  }
}

async function callOver(
  session: McpSession,
  connection: McpConnection,
  { call, context }: { readonly call: McpCall; readonly context: ToolContext },
): Promise<CallToolResult> {
  const { CallToolResultSchema } = await import('@modelcontextprotocol/sdk/types.js');
  const params = { name: call.name, arguments: call.arguments, _meta: { idempotencyKey: context.idempotencyKey } };
  const stopLooking = lookWhether(session, connection);
  try {
    return await connection.client.request({ method: 'tools/call', params }, CallToolResultSchema, {
      signal: context.signal,
      timeout: call.timeoutMs,
      onprogress: ({ progress, total, message }) => {
        const share = total === undefined ? String(progress) : `${progress} of ${total}`;
        context.progress(message === undefined ? share : `${message} (${share})`);
      },
    });
  } finally {
    stopLooking();
  }
}

/**
 * A server that vanishes in mid-call may leave its HTTP stream silent: nothing ever tells that no answer will come. So
 * it is asked now and then, and the connection, with the call, ends when there is nobody. A slow answer is none.
 */
function lookWhether(session: McpSession, connection: McpConnection): () => void {
  const timer = setInterval(() => {
    connection.client.ping({ timeout: LOOK_MS }).catch(async (error: unknown) => {
      if (!(await isTimeout(error))) await session.drop(connection);
    });
  }, LOOK_EVERY_MS);
  return () => clearInterval(timer);
}

async function isTimeout(error: unknown): Promise<boolean> {
  const { ErrorCode, McpError } = await import('@modelcontextprotocol/sdk/types.js');
  return error instanceof McpError && error.code === ErrorCode.RequestTimeout;
}

/** The protocol says 404; some servers say 400. Both are answers of a server that has not taken the message. */
async function isUnknownSession(error: unknown): Promise<boolean> {
  const { StreamableHTTPError } = await import('@modelcontextprotocol/sdk/client/streamableHttp.js');
  if (!(error instanceof StreamableHTTPError)) return false;
  return error.code === 404 || (error.code === 400 && /session/i.test(error.message));
}

/** What the model can mend is a refusal; the rest is for Temporal. */
async function explained({ server }: McpCall, error: unknown): Promise<unknown> {
  const { ErrorCode, McpError } = await import('@modelcontextprotocol/sdk/types.js');
  if (error instanceof McpError && [ErrorCode.InvalidParams, ErrorCode.MethodNotFound].includes(error.code)) {
    return refuse(error.message);
  }
  if (error instanceof McpError && error.code === ErrorCode.ConnectionClosed) {
    return new Error(`MCP server "${server}" went away in the middle of the call.`, { cause: error });
  }
  return error;
}
