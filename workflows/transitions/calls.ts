import { isControlTool, readControlCall } from '../../contracts/control-calls.ts';
import type { IdleAnswer } from '../../contracts/idle-answer.ts';
import type { Usage } from '../../contracts/language-model.ts';
import type { SectionName } from '../../contracts/projection.ts';
import type { TranscriptCall, TranscriptEntry } from '../../contracts/transcript.ts';
import type { UnfinishedAnswer } from '../../contracts/unfinished.ts';
import { printsOf } from '../rules/agent-changes.ts';
import { calibrated } from '../rules/calibration.ts';
import { approvalNeed } from '../rules/asking.ts';
import type { Call, CallPhase } from '../state/call.ts';
import type { TaskState } from '../state/task-state.ts';
import { spend } from './spending.ts';
import type { Transition } from './transition.ts';

/** The model answered: its message has the next sequence number, the outcomes of its calls the ones after. */
export const inferred: Transition<{
  readonly entry: Extract<TranscriptEntry, { kind: 'assistant' }>;
  readonly usage: Usage;
  readonly brokeAt?: SectionName;
  readonly idle?: IdleAnswer;
  readonly unfinished?: UnfinishedAnswer;
}> = (
  { absence: _told, idle: _idle, unfinished: _unfinished, ...state },
  { entry, usage, brokeAt, idle, unfinished },
) => {
  const calls = entry.calls.map((call, index) => openCall(state, call, entry.seq, entry.seq + 1 + index));
  const replies = unfinished === undefined && isReply(state, entry);
  return {
    ...spend(state, usage, brokeAt),
    ...calibrated(state, usage),
    ...writtenAfter(state, calls),
    ...(state.description === undefined ? {} : { prints: printsOf(state.description) }),
    calls,
    nextSeq: entry.seq + 1 + calls.length,
    ...(unfinished === undefined ? {} : { unfinished }),
    ...(replies ? { replySeq: entry.seq, listening: true } : {}),
    idleTurns: unfinished !== undefined || (calls.length === 0 && !replies) ? state.idleTurns + 1 : 0,
    ...(idle === undefined || replies ? {} : { idle }),
    finishProblems: finishProblemsAfter(state, unfinished === undefined ? calls : []),
  };
};

/** Where the policy says so, an answer without a call is what the person is told. */
function isReply(
  { description }: TaskState,
  { text, calls }: { readonly text: string; readonly calls: readonly unknown[] },
): boolean {
  return description?.policy.plainAnswer === 'reply' && calls.length === 0 && text.trim() !== '';
}

function writtenAfter({ turn, written }: TaskState, calls: readonly Call[]): Pick<TaskState, 'written'> {
  const taken = calls.filter((call) => call.written).length;
  return taken === 0 ? {} : { written: { calls: (written?.calls ?? 0) + taken, turn } };
}

/** A turn that does not try to finish says nothing about the result. */
function finishProblemsAfter({ finishProblems }: TaskState, calls: readonly Call[]): number {
  const tries = calls.filter(({ name }) => name === 'finish');
  if (tries.length === 0) return finishProblems;
  return tries.every(({ problem }) => problem !== undefined) ? finishProblems + 1 : 0;
}

function openCall(state: TaskState, call: TranscriptCall, assistantSeq: number, seq: number): Call {
  const { id, name, arguments: raw, written } = call;
  const base = { id, name, arguments: raw, assistantSeq, seq, ...(written === undefined ? {} : { written }) };
  if (call.problem !== undefined) return { ...base, problem: call.problem, phase: { kind: 'ready' } };
  if (isControlTool(call.name)) {
    return { ...base, control: readControlCall(call.name, call.arguments), phase: { kind: 'ready' } };
  }
  return { ...base, phase: { kind: approvalNeed(state, call) === undefined ? 'ready' : 'checking' } };
}

/** A call moved on. */
export const callMoved: Transition<{ readonly callId: string; readonly phase: CallPhase }> = (state, moved) => ({
  ...state,
  ...undoableAfter(state, moved),
  calls: state.calls.map((call) => (call.id === moved.callId ? { ...call, phase: moved.phase } : call)),
});

function undoableAfter(
  { undoable = 0, calls, description }: TaskState,
  { callId, phase }: { readonly callId: string; readonly phase: CallPhase },
): Pick<TaskState, 'undoable'> {
  if (phase.kind !== 'settled' || phase.ok !== true) return {};
  const name = calls.find(({ id }) => id === callId)?.name;
  const tool = description?.tools.find((one) => one.name === name);
  return tool?.undo === undefined ? {} : { undoable: undoable + 1 };
}
