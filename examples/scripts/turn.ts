import type { ScriptedCall, ScriptedCompletion } from '../../models/scripted/index.ts';
import { lastCall, plainResult, type Conversation, type SeenAnswer, type SeenCall } from './conversation.ts';

/** A change of the plan, as `update_plan` takes it. */
export interface PlanChange {
  readonly id: string;
  readonly status: 'open' | 'active' | 'done' | 'skipped';
  readonly note?: string;
}

/** What the model says and does in one turn. */
export function turn(text: string, ...calls: readonly ScriptedCall[]): ScriptedCompletion {
  return { text, calls };
}

export function call(name: string, args: object): ScriptedCall {
  return { name, arguments: args };
}

export function updatePlan(...changes: readonly PlanChange[]): ScriptedCall {
  // A longer note would be refused; what matters stands at its beginning.
  const short = ({ note, ...change }: PlanChange): PlanChange =>
    note === undefined ? change : { ...change, note: note.slice(0, 1_000) };
  return call('update_plan', { changes: changes.map(short) });
}

/** What to do about a call that did not work. */
export type WayOn =
  { readonly kind: 'again' | 'skip' | 'stop' } | { readonly kind: 'ask'; readonly turn: ScriptedCompletion };

const READ_ATTEMPTS = 3;

/** A read is tried again by itself; for anything else a person is asked, and does what the answer says. */
export function wayOn(
  conversation: Conversation,
  failed: SeenCall,
  { person, reads }: { readonly person: string; readonly reads: boolean },
): WayOn {
  const question = `"${failed.name}" did not work: ${plainResult(failed.result).slice(0, 300)} How shall I go on?`;
  const about = conversation.answers.findLast(
    (answer) => answer.place > failed.place && answer.question.startsWith(`"${failed.name}" `),
  );
  if (about) return { kind: choiceIn(about.text) };
  const tries = conversation.calls.filter(({ name, result }) => name === failed.name && result !== undefined).length;
  if (reads && tries < READ_ATTEMPTS) return { kind: 'again' };
  const ask = call('ask_user', { question, for: person, choices: ['try again', 'skip', 'stop'] });
  return {
    kind: 'ask',
    turn: turn(`${failed.name} did not work, and repeating it will not help by itself. I ask.`, ask),
  };
}

function choiceIn(answer: string): 'again' | 'skip' | 'stop' {
  if (/again/i.test(answer)) return 'again';
  return /skip/i.test(answer) ? 'skip' : 'stop';
}

/** The last answer to a question whose text matches. */
export function answerTo({ answers }: Conversation, about: RegExp): SeenAnswer | undefined {
  return answers.findLast(({ question }) => about.test(question));
}

/** Was this tool called after that place, and answered? */
export function calledAfter(conversation: Conversation, name: string, place: number): boolean {
  return (lastCall(conversation, name)?.place ?? -1) > place;
}
