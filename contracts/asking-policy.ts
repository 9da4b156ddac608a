import { isObject } from './json.ts';
import { approvalOutcomes, questionOutcomes } from './requests.ts';
import type { ApprovalOutcome, QuestionOutcome } from './requests.ts';

/** Who may answer: anybody, or only whom the request is for. */
export const answerBy = ['anyone', 'addressee'] as const;
export type AnswerBy = (typeof answerBy)[number];

/** How people are asked, whatever for. Times in hours from the asking. */
export interface AskingTerms {
  /** For whom, where nobody is named: a person, a role, an address. Default: whoever looks. */
  readonly for?: string;
  /** Default: a question `anyone`, an approval `addressee`. What is for nobody in particular anybody may answer. */
  readonly answerBy?: AnswerBy;
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
  /** Whoever started the task, or has sent it a message before the call, may not approve it. Default false. */
  readonly fourEyes?: boolean;
  /** What happens at the deadline. Default: the call is rejected. */
  readonly atDeadline?: ApprovalOutcome;
}

/** Hours that any wait may be set to. */
export const LONGEST_WAIT_HOURS = 24 * 365;
/** Reminders of one request. */
export const MOST_REMINDERS = 10;

/** What is wrong with the terms of approvals, or of what has other outcomes, for whoever wrote them. They may be anything. */
export function termsProblem(terms: unknown, outcomes: readonly string[] = approvalOutcomes): string | undefined {
  if (!isObject(terms)) return 'they must be an object';
  const { for: whom, answerBy: by, deadlineHours, remindAfterHours = [], escalate, fourEyes, atDeadline } = terms;
  if (!Array.isArray(remindAfterHours)) return 'remindAfterHours must be a list of hours';
  if (escalate !== undefined && !isObject(escalate)) return 'escalate must say to whom, and afterHours';
  const hours: unknown[] = [deadlineHours, escalate && (escalate['afterHours'] ?? null), ...remindAfterHours];
  const wrong = hours.find((given) => given !== undefined && !isHours(given));
  if (wrong !== undefined) return `${JSON.stringify(wrong)} is no number of hours from 0 to ${LONGEST_WAIT_HOURS}`;
  if (deadlineHours === 0) return 'a deadline of 0 hours leaves no time to answer';
  if (remindAfterHours.length > MOST_REMINDERS) return `at most ${MOST_REMINDERS} reminders`;
  if ([whom, escalate && (escalate['to'] ?? null)].some((name) => name !== undefined && !isName(name))) {
    return 'nobody is named';
  }
  if (by !== undefined && !answerBy.some((known) => known === by)) return `answerBy must be ${answerBy.join(' or ')}`;
  if (fourEyes !== undefined && typeof fourEyes !== 'boolean') return 'fourEyes must be true or false';
  if (atDeadline === undefined || outcomes.some((known) => known === atDeadline)) return undefined;
  return `atDeadline must be one of ${outcomes.join(', ')}`;
}

function isHours(given: unknown): boolean {
  return typeof given === 'number' && given >= 0 && given <= LONGEST_WAIT_HOURS;
}

function isName(given: unknown): boolean {
  return typeof given === 'string' && given.trim() !== '';
}

/** What is wrong with how an agent asks questions. */
export function questionPolicyProblem(policy: QuestionPolicy): string | undefined {
  const problem = termsProblem(policy, questionOutcomes);
  if (problem !== undefined || policy.answerBy !== 'addressee' || policy.addressees !== undefined) return problem;
  return 'answerBy "addressee" needs `addressees`: else the model may ask somebody who is not there, and nobody may answer';
}
