import { isControlTool, readControlCall } from '../../contracts/control-calls.ts';
import type { Usage } from '../../contracts/language-model.ts';
import type { SectionName } from '../../contracts/projection.ts';
import type { TranscriptCall, TranscriptEntry } from '../../contracts/transcript.ts';
import { printsOf } from '../rules/agent-changes.ts';
import { needsApproval } from '../rules/approval.ts';
import { approvalPolicyOf } from '../rules/asking.ts';
import type { Call, CallPhase } from '../state/call.ts';
import type { TaskState } from '../state/task-state.ts';
import { spend } from './spending.ts';
import type { Transition } from './transition.ts';

/** The model answered: its message has the next sequence number, the outcomes of its calls the ones after. */
export const inferred: Transition<{
  readonly entry: Extract<TranscriptEntry, { kind: 'assistant' }>;
  readonly usage: Usage;
  readonly brokeAt?: SectionName;
}> = ({ absence: _told, ...state }, { entry, usage, brokeAt }) => {
  const calls = entry.calls.map((call, index) => openCall(state, call, entry.seq, entry.seq + 1 + index));
  return {
    ...spend(state, usage, brokeAt),
    ...(state.description === undefined ? {} : { prints: printsOf(state.description) }),
    calls,
    nextSeq: entry.seq + 1 + calls.length,
    ...(isReply(state, entry) ? { replySeq: entry.seq, listening: true } : {}),
    idleTurns: calls.length === 0 && !isReply(state, entry) ? state.idleTurns + 1 : 0,
    finishProblems: finishProblemsAfter(state, calls),
  };
};

/** Where the policy says so, an answer without a call is what the person is told. */
function isReply(
  { description }: TaskState,
  { text, calls }: { readonly text: string; readonly calls: readonly unknown[] },
): boolean {
  return description?.policy.plainAnswer === 'reply' && calls.length === 0 && text.trim() !== '';
}

/** A turn that does not try to finish says nothing about the result. */
function finishProblemsAfter({ finishProblems }: TaskState, calls: readonly Call[]): number {
  const tries = calls.filter(({ name }) => name === 'finish');
  if (tries.length === 0) return finishProblems;
  return tries.every(({ problem }) => problem !== undefined) ? finishProblems + 1 : 0;
}

function openCall(state: TaskState, call: TranscriptCall, assistantSeq: number, seq: number): Call {
  const base = { id: call.id, name: call.name, arguments: call.arguments, assistantSeq, seq };
  if (call.problem !== undefined) return { ...base, problem: call.problem, phase: { kind: 'ready' } };
  if (isControlTool(call.name)) {
    return { ...base, control: readControlCall(call.name, call.arguments), phase: { kind: 'ready' } };
  }
  const tool = state.description?.tools.find(({ name }) => name === call.name);
  const reason = tool && needsApproval(approvalPolicyOf(state, tool), call.arguments);
  return { ...base, phase: { kind: reason === undefined ? 'ready' : 'checking' } };
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
