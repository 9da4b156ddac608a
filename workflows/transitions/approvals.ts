import { wordsFor } from '../../contracts/durations.ts';
import { FailureType } from '../../contracts/failures.ts';
import type { IsoTime } from '../../contracts/json.ts';
import type { ApprovalsMessage, ApproveMessage, RejectMessage } from '../../contracts/messages.ts';
import { holdsFor } from '../../contracts/remembered-approvals.ts';
import type { RememberedDecision } from '../../contracts/remembered-approvals.ts';
import type { Approval } from '../../contracts/requests.ts';
import { WAYMARK } from '../../contracts/transcript.ts';
import type { InputSource } from '../../contracts/transcript.ts';
import { actsAs, answerersOf } from '../../contracts/who-may-answer.ts';
import { approvalNeed, approvalOf, approvalTerms, toldAtOnce } from '../rules/asking.ts';
import { askersOf } from '../rules/four-eyes.ts';
import type { Call, Decision } from '../state/call.ts';
import type { TaskState } from '../state/task-state.ts';
import { callMoved } from './calls.ts';
import { blocked } from './pauses.ts';
import { changeRequest, closed, told, withoutEnd } from './requests.ts';
import { remembered } from './transition.ts';
import type { Transition } from './transition.ts';

const FROM_WORKFLOW: InputSource = { kind: 'workflow' };

/** What people have decided of such calls before is known: it holds for this one, or a person is asked. */
export const approvalSought: Transition<{
  readonly callId: string;
  readonly decisions: readonly RememberedDecision[];
}> = (state, { callId, decisions }, at) => {
  const call = state.calls.find(({ id }) => id === callId);
  const asked = call && needOf(state, call);
  if (call === undefined || asked === undefined) return callMoved(state, { callId, phase: { kind: 'ready' } }, at);
  const approval = approvalOf(call, { ...asked, askers: askersOf(state), at });
  const known = [...decisions, ...state.remembered].findLast((decision) => settles(state, decision, approval));
  if (known === undefined) {
    const put = callMoved(state, { callId, phase: { kind: 'approval', approval } }, at);
    if (!toldAtOnce(asked.terms)) return put;
    return told(put, { id: `${callId}.reminder.0`, kind: 'reminder', requestId: callId });
  }
  if (known.verdict === 'refuse') {
    const reason = `${known.reason ?? 'no reason was given'} (decided ${known.at}, and to be remembered)`;
    return callMoved(state, { callId, phase: { kind: 'rejected', by: known.by, reason, source: FROM_WORKFLOW } }, at);
  }
  const prefix = `${call.name} (${callId}) was allowed: ${known.by.id} had decided so at ${known.at}, for every such call of this ${known.scope}.`;
  return allowed(state, callId, { by: known.by, source: FROM_WORKFLOW, prefix });
};

function needOf(state: TaskState, call: Call) {
  const need = approvalNeed(state, call);
  return need === undefined ? undefined : { reason: need.reason, terms: approvalTerms(state, need.policy) };
}

/** Does what somebody decided once decide this call? Not what somebody decided who may not decide this one. */
function settles(state: TaskState, decision: RememberedDecision, approval: Approval): boolean {
  const { agent, subject } = state;
  const about = { agent, tool: approval.tool, ...(subject === undefined ? {} : { subject }) };
  if (!holdsFor(decision, about) || decision.asked !== approval.reason) return false;
  return isAddressed(approval, decision) && (decision.verdict === 'refuse' || !actsAs(decision, approval.notBy ?? []));
}

/** Is it for whoever decided, at first or once it has been escalated? */
function isAddressed(approval: Approval, decision: RememberedDecision): boolean {
  const answerers = answerersOf(approval);
  if (answerers === undefined) return true;
  const { escalation } = approval;
  return actsAs(decision, escalation === undefined ? answerers : [...answerers, escalation.to]);
}

/** A call may be made; its note gets the next sequence number. */
function allowed(state: TaskState, callId: string, decision: Omit<Decision, 'seq'>): TaskState {
  const phase = { kind: 'ready' as const, decision: { ...decision, seq: state.nextSeq } };
  return {
    ...state,
    calls: state.calls.map((call) => (call.id === callId ? { ...call, phase } : call)),
    nextSeq: state.nextSeq + 1,
  };
}

export const approved: Transition<{ readonly message: ApproveMessage; readonly source: InputSource }> = (
  state,
  { message, source },
  at,
) => {
  const { callId, by, arguments: changed, remember } = message;
  const approval = approvalAt(state, callId);
  if (approval === undefined) return remembered(state, message.id);
  const what = `${approval.tool} (${callId}) was approved by ${by.id}`;
  const decision =
    changed === undefined
      ? { by, source: FROM_WORKFLOW, prefix: `${what}.` }
      : { by, source, prefix: `${what}, who changed its arguments to: `, changed };
  const over = closed(allowed(state, callId, decision), {
    id: callId,
    how: 'approved',
    by,
    at,
    tool: approval.tool,
    arguments: approval.arguments,
    ...(changed === undefined ? {} : { changed }),
    ...(remember === undefined ? {} : { remembered: remember }),
  });
  return remembered(kept(over, approval, { message, verdict: 'allow', at }), message.id);
};

export const rejected: Transition<{ readonly message: RejectMessage; readonly source: InputSource }> = (
  state,
  { message, source },
  at,
) => {
  const { callId, by, reason, remember } = message;
  const approval = approvalAt(state, callId);
  if (approval === undefined) return remembered(state, message.id);
  const moved = callMoved(state, { callId, phase: { kind: 'rejected', by, reason, source } }, at);
  const over = closed(moved, {
    id: callId,
    how: 'rejected',
    by,
    at,
    tool: approval.tool,
    arguments: approval.arguments,
    reason,
    ...(remember === undefined ? {} : { remembered: remember }),
  });
  return remembered(kept(over, approval, { message, verdict: 'refuse', at }), message.id);
};

/** A call that was approved will never be made. */
export const approvedUnmade: Transition<{ readonly callId: string; readonly why: string }> = (
  state,
  { callId, why },
) => ({
  ...state,
  closed: state.closed.map((request) => (request.id === callId ? { ...request, unmade: why } : request)),
});

function approvalAt({ calls }: TaskState, callId: string): Approval | undefined {
  const phase = calls.find(({ id }) => id === callId)?.phase;
  return phase?.kind === 'approval' ? phase.approval : undefined;
}

/** A decision that is to be remembered: by the task itself, or by the register of its tenant. */
function kept(
  state: TaskState,
  approval: Approval,
  decided: {
    readonly message: ApproveMessage | RejectMessage;
    readonly verdict: RememberedDecision['verdict'];
    readonly at: IsoTime;
  },
): TaskState {
  const { message, verdict, at } = decided;
  if (message.remember === undefined) return state;
  const decision: RememberedDecision = {
    id: `${state.task.taskId}/${approval.callId}@${state.startedAt}`,
    scope: message.remember,
    agent: state.agent,
    ...(message.remember !== 'subject' || state.subject === undefined ? {} : { subject: state.subject }),
    tool: approval.tool,
    asked: approval.reason,
    verdict,
    ...('reason' in message ? { reason: message.reason } : {}),
    by: message.by,
    ...(message.roles === undefined ? {} : { roles: message.roles }),
    at,
  };
  if (message.remember === 'task') return { ...state, remembered: [...state.remembered, decision] };
  return { ...state, toRegister: [...state.toRegister, decision] };
}

/** The register has a decision. */
export const registered: Transition<string> = (state, id) => ({
  ...state,
  toRegister: state.toRegister.filter((decision) => decision.id !== id),
});

/** Which calls need approval has changed: what waits and needs none any more goes on, the rest is asked for anew. */
export const approvalsChanged: Transition<ApprovalsMessage> = (state, { id, by, tools }, at) => {
  const changed: TaskState = { ...state, approvalPolicies: { ...state.approvalPolicies, ...tools } };
  const waiting = state.calls.filter(({ name, phase }) => phase.kind === 'approval' && name in tools);
  const anew = waiting.reduce<TaskState>((present, call) => {
    const asked = needOf(present, call);
    if (asked !== undefined) return approvalChanged(present, call, asked);
    const prefix = `${call.name} (${call.id}) needs no approval any more: ${by.id} has changed which calls do.`;
    const free = allowed(present, call.id, { by, source: FROM_WORKFLOW, prefix });
    return closed(free, { id: call.id, how: 'needless', by, at, tool: call.name, arguments: call.arguments });
  }, changed);
  return remembered(anew, id);
};

/** What is asked of whom is as the new policy says; when it was asked, and who has handed it on, stays. */
function approvalChanged(state: TaskState, call: Call, asked: NonNullable<ReturnType<typeof needOf>>): TaskState {
  return changeRequest(state, call.id, ({ askedAt, for: whom, handovers }) => ({
    kind: 'approval',
    ...approvalOf(call, { ...asked, askers: askersOf(state), at: askedAt }),
    ...(handovers === undefined ? {} : { handovers, ...(whom === undefined ? {} : { for: whom }) }),
  }));
}

/** A call that nobody has decided on is about to be made: does it need approval by now? */
export const approvalReviewed: Transition<string> = (state, callId, at) => {
  const call = state.calls.find(({ id }) => id === callId);
  if (call?.phase.kind !== 'ready' || call.phase.decision !== undefined) return state;
  return needOf(state, call) === undefined ? state : callMoved(state, { callId, phase: { kind: 'checking' } }, at);
};

/** Nobody has decided in time. */
export function approvalExpired(state: TaskState, approval: Approval, at: IsoTime): TaskState {
  const { callId, tool, askedAt, atDeadline = 'reject' } = approval;
  if (atDeadline === 'cancel') {
    const reason = `nobody approved or rejected ${tool} (${callId}) before the deadline`;
    return { ...state, questions: [], ending: { kind: 'cancelled', reason, by: WAYMARK } };
  }
  if (atDeadline === 'block') {
    const waited = wordsFor(Date.parse(at) - Date.parse(askedAt));
    const reason = `Nobody has approved or rejected ${tool} (${callId}) for ${waited}. Decide on it.`;
    const block = { reason, cause: FailureType.UnansweredApproval, stage: 'executeTool', requestId: callId };
    return blocked(withoutEnd(state, callId), block, at);
  }
  const reason = 'Nobody has decided on it before the deadline.';
  const moved = callMoved(
    state,
    { callId, phase: { kind: 'rejected', by: WAYMARK, reason, source: FROM_WORKFLOW } },
    at,
  );
  return closed(moved, { id: callId, how: 'expired', by: WAYMARK, at, tool, arguments: approval.arguments, reason });
}
