import type { Client } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/client';
import { failure, FailureType } from '../../contracts/failures.ts';
import type { TaskRef } from '../../contracts/ids.ts';
import type { ExecuteToolInput } from '../../contracts/stages.ts';
import type { TranscriptEntry } from '../../contracts/transcript.ts';
import type { PastCall, UndoableCall, UndoneCall } from '../../contracts/undo.ts';
import { decode, eventsOf, isRecord, resultOf } from './events.ts';
import { readTranscript } from './transcript.ts';

/**
 * The calls of tools that were begun, oldest first, each with its outcome where it reported one. Read from the inputs
 * of the stage that executes tools; where a policy makes that a local stage, there are none.
 * @throws ApplicationFailure `Refused` while the task is open, or where Temporal does not know it any more
 */
export async function readPastCalls(client: Client, task: TaskRef): Promise<PastCall[]> {
  const { taskId } = task;
  await refuseOpen(client, taskId);
  const converter = client.options.loadedDataConverter;
  const begun = new Map<string, ExecuteToolInput>();
  for await (const event of eventsOf(client, taskId)) {
    const scheduled = event.activityTaskScheduledEventAttributes;
    if (scheduled?.activityType?.name !== 'executeTool') continue;
    const input = await decode(converter, scheduled.input?.payloads?.[0]);
    if (isExecuteToolInput(input)) begun.set(input.callId, input);
  }
  const entries = await readTranscript(client, task);
  return [...begun.values()].map((input) => pastCall(input, entries)).toSorted((one, other) => one.at - other.at);
}

function pastCall(input: ExecuteToolInput, entries: readonly TranscriptEntry[]): PastCall & { readonly at: number } {
  const { task, agent, turn, callId, name, assistantSeq, seq, subject, decisionSeq, taskStartedAt } = input;
  const call = { task, agent, turn, callId, name, assistantSeq, taskStartedAt };
  const outcome = entries.find((entry) => entry.seq === seq);
  return {
    at: seq,
    call: {
      ...call,
      ...(subject === undefined ? {} : { subject }),
      ...(decisionSeq === undefined ? {} : { decisionSeq }),
    },
    arguments: argumentsOf(input, entries),
    ...(outcome?.kind === 'tool' ? { outcome: { seq, at: outcome.at, ...outcome.outcome } } : {}),
  };
}

/** As the model wrote them, or as whoever approved the call put them in their place. */
function argumentsOf({ assistantSeq, callId, decisionSeq }: ExecuteToolInput, entries: readonly TranscriptEntry[]) {
  const decided = entries.find(({ seq }) => seq === decisionSeq);
  const at = decided?.kind === 'note' ? decided.decision?.argumentsAt : undefined;
  if (decided?.kind === 'note' && at !== undefined) return decided.text.slice(at);
  const asked = entries.find(({ seq }) => seq === assistantSeq);
  return (asked?.kind === 'assistant' ? asked.calls : []).find(({ id }) => id === callId)?.arguments ?? '';
}

/** How the calls of a task stood when a run of its undoing ended: by its result, or by what it had done by then. */
export async function readUndone(client: Client, undoId: string, runId: string): Promise<UndoableCall[]> {
  const converter = client.options.loadedDataConverter;
  const { events } = await client.workflow.getHandle(undoId, runId).fetchHistory();
  const calls = new Map<string, UndoableCall>();
  for (const event of events ?? []) {
    const ended = event.workflowExecutionCompletedEventAttributes?.result?.payloads?.[0];
    const result = ended ? await decode(converter, ended) : await resultOf(converter, event);
    if (!isRecord(result)) continue;
    for (const call of Array.isArray(result['calls']) ? result['calls'] : []) {
      if (isUndoableCall(call)) calls.set(call.callId, call);
    }
    if (!isUndone(result)) continue;
    const { callId, state, note } = result;
    const known = calls.get(callId);
    if (known) calls.set(callId, { ...known, state, note, tries: known.tries + 1 });
  }
  return [...calls.values()];
}

async function refuseOpen(client: Client, taskId: string): Promise<void> {
  const described = await client.workflow
    .getHandle(taskId)
    .describe()
    .catch((error: unknown) => {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
      const message = `Temporal does not know task ${taskId} any more; without its history nothing can be undone.`;
      throw failure(FailureType.Refused, { message });
    });
  if (described.status.name !== 'RUNNING') return;
  const message = `Task ${taskId} has not ended. Cancel it first; then what it did can be undone.`;
  throw failure(FailureType.Refused, { message });
}

function isExecuteToolInput(value: unknown): value is ExecuteToolInput {
  return isRecord(value) && typeof value['callId'] === 'string' && typeof value['assistantSeq'] === 'number';
}

function isUndoableCall(value: unknown): value is UndoableCall {
  return isRecord(value) && typeof value['callId'] === 'string' && typeof value['tries'] === 'number';
}

function isUndone(value: unknown): value is UndoneCall {
  return isRecord(value) && typeof value['callId'] === 'string' && typeof value['note'] === 'string';
}
