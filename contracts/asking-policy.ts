import type { ApprovalOutcome, QuestionOutcome } from './requests.ts';

/** How people are asked, whatever for. Times in hours from the asking. */
export interface AskingTerms {
  /** For whom, where nobody is named: a person, a role, an address. Default: whoever looks. */
  readonly for?: string;
  /** Default: no deadline. */
  readonly deadlineHours?: number;
  /** When whom it is for is told of it through the notifiers; 0 is at once. Default: never. */
  readonly remindAfterHours?: readonly number[];
  /** Whom it goes to if it is open so long. Default: nobody. */
  readonly escalate?: { readonly to: string; readonly afterHours: number };
}

/** How an agent asks questions: what holds where the model sets nothing, and what the model may set. */
export interface QuestionPolicy extends AskingTerms {
  /** What happens at the deadline. Default: the default answer where there is one, else the task goes on without. */
  readonly atDeadline?: QuestionOutcome;
  /** What the model may choose to happen. Default: `default` and `go-on`. */
  readonly outcomes?: readonly QuestionOutcome[];
  /** The only ones the model may name. Default: anybody. */
  readonly addressees?: readonly string[];
  /** Default: a year. */
  readonly longestDeadlineHours?: number;
}

/** How approval is asked for. */
export interface ApprovalTerms extends AskingTerms {
  /** Whoever started the task, or sent the last message before the call, may not approve it. Default false. */
  readonly fourEyes?: boolean;
  /** What happens at the deadline. Default: the call is rejected. */
  readonly atDeadline?: ApprovalOutcome;
}

/** Hours that any wait may be set to. */
export const LONGEST_WAIT_HOURS = 24 * 365;
/** Reminders of one request. */
export const MOST_REMINDERS = 10;

/** What is wrong with the terms of an agent, for whoever wrote them; `undefined` where nothing is. */
export function termsProblem(terms: AskingTerms): string | undefined {
  const { deadlineHours, remindAfterHours = [], escalate } = terms;
  const hours = [deadlineHours, escalate?.afterHours, ...remindAfterHours].filter((given) => given !== undefined);
  const wrong = hours.find((given) => !(given >= 0 && given <= LONGEST_WAIT_HOURS));
  if (wrong !== undefined) return `${wrong} is no number of hours from 0 to ${LONGEST_WAIT_HOURS}`;
  if (deadlineHours === 0) return 'a deadline of 0 hours leaves no time to answer';
  if (remindAfterHours.length > MOST_REMINDERS) return `at most ${MOST_REMINDERS} reminders`;
  if (terms.for?.trim() === '' || escalate?.to.trim() === '') return 'nobody is named';
  return undefined;
}
