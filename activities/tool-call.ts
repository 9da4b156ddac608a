import { uniqueTaskId } from '../contracts/ids.ts';
import { failure, FailureType } from '../contracts/failures.ts';
import type { SteppedCall } from '../contracts/stepped-tool.ts';
import type { TranscriptCall } from '../contracts/transcript.ts';
import type { BoundCall, Tool, ToolContext } from '../tools/define-tool.ts';
import type { ToolMemory } from '../tools/tool-memory.ts';
import { createToolMemory } from '../tools/tool-memory.ts';
import { agentOf, toolsOf } from './agent-of.ts';
import { abortSignal } from './attempt.ts';
import type { StageDependencies } from './dependencies.ts';
import { loadTranscript } from './load-transcript.ts';

/** A call ready to run, or why it is not made, for the model. */
export type ReadyCall =
  | { readonly ok: true; readonly tool: Tool; readonly bound: Extract<BoundCall, { ok: true }> }
  | { readonly ok: false; readonly problem: string };

/** Finds the tool of a call and the arguments that the model gave it. */
export async function readyCall(dependencies: StageDependencies, call: SteppedCall): Promise<ReadyCall> {
  const { arguments: raw } = await askedCall(dependencies, call);
  const available = await toolsOf(dependencies, agentOf(dependencies, call.agent));
  const tool = available.find(({ description }) => description.name === call.name);
  if (!tool) return { ok: false, problem: `The tool "${call.name}" is not there any more.` };
  const bound = tool.bind(raw);
  return bound.ok ? { ok: true, tool, bound } : bound;
}

/** What a tool is given beside its input. */
export function toolContextOf(
  dependencies: Pick<StageDependencies, 'agents' | 'memories' | 'documents'>,
  call: SteppedCall,
  { attempt, progress }: Pick<ToolContext, 'attempt' | 'progress'>,
): ToolContext {
  const { task, agent, turn, callId, subject, taskStartedAt } = call;
  const idempotencyKey = `${uniqueTaskId(task.taskId, taskStartedAt)}:${callId}`;
  const context = {
    task,
    agent,
    turn,
    callId,
    attempt,
    idempotencyKey,
    signal: abortSignal(),
    progress,
    memory: toolMemoryOf(dependencies, call),
  };
  return subject === undefined ? context : { ...context, subject };
}

/** The memory of the task that an agent's code may use. */
export function toolMemoryOf(
  dependencies: Pick<StageDependencies, 'agents' | 'memories' | 'documents'>,
  { task, agent, subject }: Pick<SteppedCall, 'task' | 'agent' | 'subject'>,
): ToolMemory {
  const policy = agentOf(dependencies, agent).memory;
  return createToolMemory(dependencies, { ...task, agent, policy, ...(subject === undefined ? {} : { subject }) });
}

/** The call and its arguments, as the model asked for it. */
async function askedCall(
  dependencies: StageDependencies,
  { task, assistantSeq, callId }: SteppedCall,
): Promise<TranscriptCall> {
  const [entry] = await loadTranscript(dependencies, task, { from: assistantSeq, to: assistantSeq });
  const call = entry?.kind === 'assistant' ? entry.calls.find(({ id }) => id === callId) : undefined;
  if (call) return call;
  const message = `Entry ${assistantSeq} of ${task.taskId} holds no call ${callId}; the transcript in Redis is damaged.`;
  throw failure(FailureType.MemoryUnavailable, { message });
}
