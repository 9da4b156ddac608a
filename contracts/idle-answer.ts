/** What was wrong with an answer that called nothing. */
export const idleKinds = ['empty', 'written-call', 'question', 'prose'] as const;

/** An answer that called nothing, for whoever tells the model so. */
export interface IdleAnswer {
  readonly kind: (typeof idleKinds)[number];
  /** The tool whose call it wrote as text. */
  readonly tool?: string;
  /** Why that call was not taken from the text: another tool's or none's, one of several, beside other words, by the route. */
  readonly why?: 'unknown' | 'several' | 'beside' | 'route';
  /** How it is done, as an example. */
  readonly form?: string;
  /** What it said, shortened; for people. */
  readonly said: string;
}

const ENDS = 'Call a tool, ask with ask_user, or end the task with finish.';

/** Tells the model what was wrong; the form is shown once, for repeated it would only be copied. */
export function nudgeFor(idle: IdleAnswer, { first }: { readonly first: boolean }): string {
  const form = first && idle.form !== undefined ? ` ${idle.form}` : '';
  switch (idle.kind) {
    case 'empty':
      return `Your last answer was empty, so nothing happened. ${ENDS}${form}`;
    case 'question':
      return `You asked in your text, where nobody reads it. Ask with the tool ask_user, and wait for the answer.${form}`;
    case 'written-call':
      return `You wrote a call${idle.tool === undefined ? '' : ` of ${idle.tool}`} into your text${whyNot(idle)}, so nothing was called.${form}`;
    case 'prose':
      return `Your last answer called no tool, so nothing happened. ${ENDS}${form}`;
  }
}

function whyNot({ why }: IdleAnswer): string {
  switch (why) {
    case 'unknown':
      return ', and there is no such tool';
    case 'several':
      return ', with others; write one at a time';
    case 'beside':
      return ', with other words beside it';
    default:
      return ' instead of calling it';
  }
}

/** What it said, for whoever has to mend it. */
export function idleWords({ kind, said, why }: IdleAnswer): string {
  if (kind === 'empty') return 'Its last answer was empty.';
  if (said === '') return 'See what it says.';
  const what = { 'written-call': ', a call written as text', question: ', a question', prose: '' }[kind];
  const mend = why === 'route' ? ' With models.inferNextAction.textCalls such calls are taken.' : '';
  return `Last it said${what}: "${said}".${mend}`;
}
