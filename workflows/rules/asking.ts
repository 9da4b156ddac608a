import type { ToolDescription } from '../../contracts/agent.ts';
import type { ApprovalPolicy } from '../../contracts/approval-policy.ts';
import type { ApprovalTerms, AskingTerms, QuestionPolicy } from '../../contracts/asking-policy.ts';
import type { ControlCall } from '../../contracts/control-calls.ts';
import type { IsoTime } from '../../contracts/json.ts';
import type { Approval, Asked, Question, QuestionOutcome } from '../../contracts/requests.ts';
import type { Call } from '../state/call.ts';
import type { TaskState } from '../state/task-state.ts';
import { needsApproval } from './approval.ts';

type AskUser = Extract<ControlCall, { name: 'ask_user' }>;

/** When a request made now is reminded of, escalated and over. What would come after its deadline never comes. */
export function askedBy(terms: AskingTerms, at: IsoTime): Asked {
  const { deadlineHours, remindAfterHours = [], escalate } = terms;
  const inTime = (hours: number): boolean => hours > 0 && (deadlineHours === undefined || hours < deadlineHours);
  const remindAt = remindAfterHours.filter(inTime).toSorted((one, other) => one - other);
  return {
    askedAt: at,
    ...(terms.for === undefined ? {} : { for: terms.for }),
    ...(terms.answerBy === 'addressee' ? { answerBy: terms.answerBy } : {}),
    ...(deadlineHours === undefined ? {} : { deadline: hoursAfter(at, deadlineHours) }),
    ...(remindAt.length === 0 ? {} : { remindAt: remindAt.map((hours) => hoursAfter(at, hours)) }),
    ...(escalate === undefined || !inTime(escalate.afterHours)
      ? {}
      : { escalation: { to: escalate.to, at: hoursAfter(at, escalate.afterHours) } }),
  };
}

/** Is whom it is for told of it as soon as it is asked? */
export function toldAtOnce({ remindAfterHours = [] }: AskingTerms): boolean {
  return remindAfterHours.includes(0);
}

function hoursAfter(at: IsoTime, hours: number): IsoTime {
  return new Date(Date.parse(at) + hours * 3_600_000).toISOString();
}

/** How a question is asked: as the model set it, and where it set nothing, as its agent does. Anybody may answer, unless its agent says otherwise. */
export function questionTerms(policy: QuestionPolicy, ask: AskUser): AskingTerms {
  const { deadlineHours = policy.deadlineHours, remindAfterHours = policy.remindAfterHours } = ask;
  const whom = ask.for ?? policy.for;
  const escalate =
    ask.escalateTo === undefined || ask.escalateAfterHours === undefined
      ? policy.escalate
      : { to: ask.escalateTo, afterHours: ask.escalateAfterHours };
  return {
    ...(whom === undefined ? {} : { for: whom }),
    ...(policy.answerBy === undefined ? {} : { answerBy: policy.answerBy }),
    ...(deadlineHours === undefined ? {} : { deadlineHours }),
    ...(remindAfterHours === undefined ? {} : { remindAfterHours }),
    ...(escalate === undefined ? {} : { escalate }),
  };
}

/** What becomes of a question at its deadline. */
export function outcomeOf({
  atDeadline,
  defaultAnswer,
}: Pick<Question, 'atDeadline' | 'defaultAnswer'>): QuestionOutcome {
  if (atDeadline === undefined) return defaultAnswer === undefined ? 'go-on' : 'default';
  return atDeadline === 'default' && defaultAnswer === undefined ? 'go-on' : atDeadline;
}

/** When calls of a tool need approval at present. */
export function approvalPolicyOf({ approvalPolicies }: TaskState, tool: ToolDescription): ApprovalPolicy {
  return approvalPolicies?.[tool.name] ?? tool.approval;
}

/** Why a call that its policy lets pass needs approval all the same. */
const WRITTEN = 'the model wrote this call as text, and it must not run twice';

/** Why a call needs a person's yes now, and by which policy; `undefined` where it does not. */
export function approvalNeed(
  state: TaskState,
  { name, arguments: raw, written }: Pick<Call, 'name' | 'arguments' | 'written'>,
): { readonly reason: string; readonly policy: ApprovalPolicy } | undefined {
  const tool = state.description?.tools.find((one) => one.name === name);
  if (tool === undefined) return undefined;
  const policy = approvalPolicyOf(state, tool);
  const reason = needsApproval(policy, raw) ?? (written && tool.effect === 'once' ? WRITTEN : undefined);
  return reason === undefined ? undefined : { reason, policy };
}

/** How approval of a tool's calls is asked for. Whom its agent names is who may give it. */
export function approvalTerms({ description }: TaskState, policy: ApprovalPolicy): ApprovalTerms {
  return {
    answerBy: 'addressee',
    ...description?.approvals,
    ...(typeof policy === 'object' ? policy.terms : {}),
  };
}

/** A call as it is put to whoever may approve it. */
export function approvalOf(
  call: { readonly id: string; readonly name: string; readonly arguments: string },
  {
    reason,
    terms,
    askers,
    at,
  }: {
    readonly reason: string;
    readonly terms: ApprovalTerms;
    readonly askers: readonly string[];
    readonly at: IsoTime;
  },
): Approval {
  return {
    callId: call.id,
    tool: call.name,
    arguments: call.arguments,
    reason,
    ...askedBy(terms, at),
    ...(terms.fourEyes === true ? { notBy: askers } : {}),
    ...(terms.atDeadline === undefined ? {} : { atDeadline: terms.atDeadline }),
  };
}
