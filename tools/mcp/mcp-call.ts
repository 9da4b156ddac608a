import { z } from 'zod';
import type { ToolContext } from '../define-tool.ts';
import type { McpArguments, McpServerDefinition } from './mcp-definition.ts';
import type { McpConnection } from './mcp-connection.ts';
import { callFailure, isAlive, notConnected } from './mcp-failure.ts';
import type { McpSession } from './mcp-session.ts';
import { overSession } from './mcp-session.ts';

const LOOK_EVERY_MS = 3_000;
const LOOK_MS = 2_500;

/** The SDK's own bound comes after ours, which knows that it is one. */
const SDK_LATER_MS = 60_000;

/** What a server returns is read block by block, so that one odd block does not cost the others. */
const anyResult = z.looseObject({});
export type McpRawResult = z.output<typeof anyResult>;

/** A call of a server's tool. */
export interface McpCall {
  /** The server's own name of the tool. */
  readonly tool: string;
  readonly arguments: McpArguments;
  readonly timeoutMs: number;
  /** Must not run twice. */
  readonly once: boolean;
}

/**
 * Calls a tool; cancelling reaches the server, and its progress reaches `context.progress`.
 * @throws ToolRefusal for what a live server says, DidNotAct where it was surely not asked, any other error where it
 *   broke off
 */
export async function callMcpTool(
  { definition, session }: { readonly definition: McpServerDefinition; readonly session: McpSession },
  call: McpCall,
  context: ToolContext,
): Promise<McpRawResult> {
  const time = AbortSignal.timeout(call.timeoutMs);
  const done = await overSession(session, (connection) => callOver(session, connection, { call, context, time }));
  if (done.kind === 'done') return done.result;
  context.signal.throwIfAborted();
  const asked = { definition, tool: call.tool, once: call.once };
  if (done.kind === 'not-connected') throw notConnected(done.error, asked);
  const timedOut = time.aborted ? { timedOutAfterMs: call.timeoutMs } : {};
  throw await callFailure({ error: done.error, ended: done.connection.ended(), ...timedOut }, asked);
}

async function callOver(
  session: McpSession,
  connection: McpConnection,
  { call, context, time }: { readonly call: McpCall; readonly context: ToolContext; readonly time: AbortSignal },
): Promise<McpRawResult> {
  const params = { name: call.tool, arguments: { ...call.arguments }, _meta: metaOf(context) };
  const stopLooking = lookWhether(session, connection);
  try {
    return await connection.client.request({ method: 'tools/call', params }, anyResult, {
      signal: AbortSignal.any([context.signal, time]),
      timeout: call.timeoutMs + SDK_LATER_MS,
      onprogress: ({ progress, total, message }) => {
        const share = total === undefined ? String(progress) : `${progress} of ${total}`;
        context.progress(message === undefined ? share : `${message} (${share})`);
      },
    });
  } finally {
    stopLooking();
  }
}

/** Whose call it is, for a server that serves many. */
function metaOf({ idempotencyKey, task, agent, subject, attempt }: ToolContext) {
  const whose = { idempotencyKey, task: task.taskId, tenant: task.tenant, agent, attempt };
  return subject === undefined ? whose : { ...whose, subject };
}

/**
 * A server that vanishes in mid-call may leave its HTTP stream silent: nothing ever tells that no answer will come. So
 * it is asked now and then, and the connection, with the call, ends when there is nobody. Any answer is one, also that it
 * knows no such request, and a slow one is none.
 */
function lookWhether(session: McpSession, connection: McpConnection): () => void {
  const timer = setInterval(() => {
    connection.client.ping({ timeout: LOOK_MS }).catch(async (error: unknown) => {
      if (!(await isAlive({ error, ended: connection.ended() }))) await session.drop(connection);
    });
  }, LOOK_EVERY_MS);
  return () => clearInterval(timer);
}
