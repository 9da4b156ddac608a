import { createHash } from 'node:crypto';
import { uniqueTaskId } from '../../contracts/ids.ts';
import { failure, FailureType } from '../../contracts/failures.ts';
import type { SteppedCall } from '../../contracts/stepped-tool.ts';
import type { TranscriptCall } from '../../contracts/transcript.ts';
import { bindCall } from '../../tools/define-tool.ts';
import type { BoundCall, Tool, ToolContext } from '../../tools/define-tool.ts';
import type { ToolMemory } from '../../tools/tool-memory.ts';
import { createToolMemory } from '../../tools/tool-memory.ts';
import { agentOf, toolsOf } from '../agent/agent-of.ts';
import { abortSignal } from '../attempt.ts';
import type { StageDependencies } from '../dependencies.ts';
import { loadTranscript } from '../transcript/load-transcript.ts';
import { resolveSecrets, withoutValues } from './secret-references.ts';

/** A call ready to run, or why it is not made, for the model. */
export type ReadyCall =
  | {
      readonly ok: true;
      readonly tool: Tool;
      readonly bound: Extract<BoundCall, { ok: true }>;
      /** The raw JSON text as the model wrote it. */
      readonly arguments: string;
      /** Stands for this call with these arguments: a reset task may ask for something else under the same number. */
      readonly claimId: string;
      /** The secrets it was given, by name. */
      readonly secrets: ReadonlyMap<string, string>;
    }
  | {
      readonly ok: false;
      readonly problem: string;
      /** This worker's agent has no such tool. */
      readonly gone?: true;
    };

/** Finds the tool of a call and the arguments that the model gave it. */
export async function readyCall(dependencies: StageDependencies, call: SteppedCall): Promise<ReadyCall> {
  const { arguments: raw } = await askedCall(dependencies, call);
  const available = await toolsOf(dependencies, agentOf(dependencies, call.agent));
  const tool = available.find(({ description }) => description.name === call.name);
  if (!tool) {
    const names = available.map(({ description }) => description.name).join(', ');
    const problem = `The tool "${call.name}" is not there any more; agent "${call.agent}" of this worker has: ${names}.`;
    return { ok: false, gone: true, problem };
  }
  const resolved = resolveSecrets(raw, tool.secrets ?? [], dependencies.secrets);
  if (!resolved.ok) return resolved;
  const { values } = resolved;
  const bound = await bindCall(tool, resolved.arguments);
  // The problem may quote a value.
  if (!bound.ok) return { ...bound, problem: withoutValues(bound.problem, values) };
  return { ok: true, tool, bound, arguments: raw, claimId: claimIdOf(call, raw), secrets: values };
}

function claimIdOf({ callId, name }: SteppedCall, raw: string): string {
  const asked = JSON.stringify([name, raw.trim()]);
  return `${callId}-${createHash('sha256').update(asked).digest('hex').slice(0, 12)}`;
}

/** What a tool is given beside its input. */
export function toolContextOf(
  dependencies: Pick<StageDependencies, 'agents' | 'memories' | 'documents'>,
  call: SteppedCall,
  { attempt, progress, claimId }: Pick<ToolContext, 'attempt' | 'progress'> & { readonly claimId: string },
): ToolContext {
  const { task, agent, turn, callId, subject, taskStartedAt } = call;
  const idempotencyKey = `${uniqueTaskId(task.taskId, taskStartedAt)}:${claimId}`;
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

/** The call as the model asked for it, with the arguments that whoever approved it put in the place of the model's. */
async function askedCall(dependencies: StageDependencies, given: SteppedCall): Promise<TranscriptCall> {
  const { task, decisionSeq: seq } = given;
  const call = await modelsCall(dependencies, given);
  if (seq === undefined) return call;
  const [entry] = await loadTranscript(dependencies, task, { from: seq, to: seq });
  const at = entry?.kind === 'note' ? entry.decision?.argumentsAt : undefined;
  if (entry?.kind === 'note' && at !== undefined) return { ...call, arguments: entry.text.slice(at) };
  const message = `Entry ${seq} of ${task.taskId} holds no arguments for ${call.id}; the transcript in Redis is damaged.`;
  throw failure(FailureType.MemoryUnavailable, { message });
}

async function modelsCall(
  dependencies: StageDependencies,
  { task, assistantSeq, callId }: SteppedCall,
): Promise<TranscriptCall> {
  const [entry] = await loadTranscript(dependencies, task, { from: assistantSeq, to: assistantSeq });
  const call = entry?.kind === 'assistant' ? entry.calls.find(({ id }) => id === callId) : undefined;
  if (call) return call;
  const message = `Entry ${assistantSeq} of ${task.taskId} holds no call ${callId}; the transcript in Redis is damaged.`;
  throw failure(FailureType.MemoryUnavailable, { message });
}
