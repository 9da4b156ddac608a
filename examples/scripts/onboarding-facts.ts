import { addressesIn, asText, itemOf, lastCall, objectIn, type Conversation } from './conversation.ts';
import { answerTo } from './turn.ts';

export const planIds = ['starter', 'team', 'business'] as const;

/** What is known of the customer from the goal, the plan's notes and the answers. */
export interface OnboardingFacts {
  readonly company: string;
  readonly name: string;
  readonly email: string;
  readonly country: string;
  readonly size: number;
  readonly accountId?: string | undefined;
  readonly workspaceId?: string | undefined;
  readonly importId?: string | undefined;
  /** Chosen by the customer. */
  readonly plan?: string | undefined;
  readonly data?: string | undefined;
  readonly colleagues?: readonly string[] | undefined;
}

export const ask = {
  plan: /^Which plan /,
  colleagues: /^Which colleagues /,
  data: /^Where is the data /,
};

export function onboardingFacts(conversation: Conversation): OnboardingFacts {
  const { goal } = conversation;
  const noteOf = (id: string): string => itemOf(conversation, id).note;
  const contact = /Contact: (.*?) <([^>]+)>\./.exec(goal);
  return {
    company: quoted(/^Bring ("(?:[^"\\]|\\.)*")/.exec(goal)?.[1]) ?? '',
    name: contact?.[1] ?? '',
    email: contact?.[2] ?? '',
    country: /Country: ([A-Z]{2})\./.exec(goal)?.[1] ?? '',
    size: Number(/People: (\d+)\./.exec(goal)?.[1] ?? '1'),
    accountId:
      /account (\S+?)(?:[,;]|$)/.exec(noteOf('account'))?.[1] ??
      resultField(conversation, 'create_account', 'accountId'),
    workspaceId:
      /workspace (\S+?)(?:[,;]|$)/.exec(noteOf('workspace'))?.[1] ??
      resultField(conversation, 'create_workspace', 'workspaceId'),
    importId:
      resultField(conversation, 'start_data_import', 'importId') ?? /import (imp-\w+)/.exec(noteOf('import'))?.[1],
    plan: chosenPlan(conversation),
    data: dataSource(conversation),
    colleagues: colleagues(conversation),
  };
}

function resultField(conversation: Conversation, tool: string, field: string): string | undefined {
  return asText(objectIn(lastCall(conversation, tool)?.result)[field]);
}

/** The newest word counts: an answer, what was noted of one, what was known at sign-up. */
function chosenPlan(conversation: Conversation): string | undefined {
  const answered = planIn(answerTo(conversation, ask.plan)?.text ?? '');
  const noted = planIn(/plan (\w+)/.exec(itemOf(conversation, 'plan').note)?.[1] ?? '');
  return answered ?? noted ?? planIn(/Plan: (\w+)\./.exec(conversation.goal)?.[1] ?? '');
}

/** The one plan that a text names. */
function planIn(text: string): string | undefined {
  const named = planIds.filter((id) => new RegExp(`\\b${id}\\b`, 'i').test(text));
  return named.length === 1 ? named[0] : undefined;
}

function dataSource(conversation: Conversation): string | undefined {
  const answered = answerTo(conversation, ask.data)?.text.match(/https?:\/\/\S+|[\w.-]+\.csv\b/i)?.[0];
  const noted = /data (\S+?)(?:[,;]|$)/.exec(itemOf(conversation, 'import').note)?.[1];
  return answered ?? noted ?? quoted(/Data: ("(?:[^"\\]|\\.)*")\./.exec(conversation.goal)?.[1]);
}

/** Those whom the customer named: at sign-up, in an answer, or later in a message that says so. */
function colleagues(conversation: Conversation): readonly string[] | undefined {
  const known = /Colleagues: (.*)\.$/.exec(conversation.goal)?.[1] ?? 'not known yet';
  const answer = answerTo(conversation, ask.colleagues)?.text;
  const { note } = itemOf(conversation, 'invite');
  const asked = conversation.messages.filter((message) => /\binvite\b/i.test(message)).flatMap(addressesIn);
  if (known === 'not known yet' && answer === undefined && note === '') return undefined;
  return [...new Set([...addressesIn(known), ...addressesIn(note), ...addressesIn(answer ?? ''), ...asked])];
}

function quoted(text: string | undefined): string | undefined {
  return text === undefined ? undefined : asText(JSON.parse(text));
}
