import type { IsoTime } from '../../contracts/json.ts';
import type { DelegateMessage } from '../../contracts/messages.ts';
import type { DueNotice } from '../../contracts/notices.ts';
import { requestIdOf } from '../../contracts/requests.ts';
import type { Approval, ClosedRequest, Handover, OpenRequest, Question } from '../../contracts/requests.ts';
import { WAYMARK } from '../../contracts/transcript.ts';
import type { TaskState } from '../state/task-state.ts';
import { remembered } from './transition.ts';
import type { Transition } from './transition.ts';

const KEPT_CLOSED = 100;
const LONGEST_KEPT = 1_000;

/** One open request, changed. */
export function changeRequest(
  state: TaskState,
  requestId: string,
  change: (request: OpenRequest) => OpenRequest,
): TaskState {
  return {
    ...state,
    questions: state.questions.map((question) =>
      question.id === requestId ? changedQuestion(question, change) : question,
    ),
    calls: state.calls.map((call) =>
      call.phase.kind === 'approval' && call.id === requestId
        ? { ...call, phase: { kind: 'approval', approval: changedApproval(call.phase.approval, change) } }
        : call,
    ),
  };
}

function changedQuestion(question: Question, change: (request: OpenRequest) => OpenRequest): Question {
  const changed = change({ kind: 'question', ...question });
  if (changed.kind !== 'question') return question;
  const { kind: _kind, ...rest } = changed;
  return rest;
}

function changedApproval(approval: Approval, change: (request: OpenRequest) => OpenRequest): Approval {
  const changed = change({ kind: 'approval', ...approval });
  if (changed.kind !== 'approval') return approval;
  const { kind: _kind, ...rest } = changed;
  return rest;
}

/** Somebody is to be told of a request. */
export function told(state: TaskState, notice: DueNotice): TaskState {
  return { ...state, notices: [...state.notices, notice] };
}

/** A notice was sent, or given up. */
export const noticeSent: Transition<string> = (state, id) => ({
  ...state,
  notices: state.notices.filter((notice) => notice.id !== id),
});

/** A reminder is due; what was missed meanwhile is made up for by one. */
export function reminded(state: TaskState, requestId: string, at: IsoTime): TaskState {
  const changed = changeRequest(state, requestId, (request) => {
    const { remindAt = [], ...rest } = request;
    const later = remindAt.filter((time) => Date.parse(time) > Date.parse(at));
    return later.length === 0 ? rest : { ...rest, remindAt: later };
  });
  return told(changed, { id: `${requestId}.reminder.${Date.parse(at)}`, kind: 'reminder', requestId });
}

/** Nobody has reacted: it goes to somebody else. */
export function escalated(state: TaskState, requestId: string, at: IsoTime): TaskState {
  const changed = changeRequest(state, requestId, (request) => {
    const { escalation, ...rest } = request;
    return escalation === undefined ? request : handedOver(rest, { to: escalation.to, by: WAYMARK, at });
  });
  return told(changed, { id: `${requestId}.escalation`, kind: 'escalation', requestId });
}

/** Somebody hands a request on. */
export const delegated: Transition<DelegateMessage> = (state, { id, requestId, to, by, note }, at) => {
  const changed = changeRequest(state, requestId, (request) =>
    handedOver(request, { to, by, at, ...(note === undefined ? {} : { note }) }),
  );
  return remembered(
    told(changed, { id: `${requestId}.delegation.${Date.parse(at)}`, kind: 'delegation', requestId }),
    id,
  );
};

function handedOver(request: OpenRequest, handover: Omit<Handover, 'from'>): OpenRequest {
  const { for: from, handovers = [] } = request;
  return {
    ...request,
    for: handover.to,
    handovers: [...handovers, from === undefined ? handover : { from, ...handover }],
  };
}

/** A request that waits on, without an end of its own. */
export function withoutEnd(state: TaskState, requestId: string): TaskState {
  return changeRequest(state, requestId, (request) => {
    const { deadline: _deadline, remindAt: _remindAt, escalation: _escalation, ...rest } = request;
    return rest;
  });
}

/** A request is open no more: what it has blocked goes on, and whoever comes late is told. */
export function closed(state: TaskState, request: ClosedRequest): TaskState {
  const { block, ...rest } = state;
  const free = block === undefined || block.requestId === request.id ? rest : state;
  return { ...free, closed: [...state.closed, shortened(request)].slice(-KEPT_CLOSED) };
}

function shortened(request: ClosedRequest): ClosedRequest {
  const cut = (text: string): string =>
    text.length > LONGEST_KEPT ? `${text.slice(0, LONGEST_KEPT).toWellFormed()}…` : text;
  return {
    ...request,
    ...(request.arguments === undefined ? {} : { arguments: cut(request.arguments) }),
    ...(request.changed === undefined ? {} : { changed: cut(request.changed) }),
  };
}

/** The open request of that id. */
export function requestOf(requests: readonly OpenRequest[], requestId: string): OpenRequest | undefined {
  return requests.find((request) => requestIdOf(request) === requestId);
}
