import type { Unfinished } from './language-model.ts';

/** An answer of which nothing was done, because it did not end well. */
export interface UnfinishedAnswer extends Omit<Unfinished, 'calls'> {
  /** The provider's word for its end; empty where it gave none. */
  readonly word: string;
}

/** Tells the model why nothing of its answer was done, and what to do. */
export function unfinishedText({ why, tokens, word }: UnfinishedAnswer): string {
  const nothing = 'so nothing of it was done';
  switch (why) {
    case 'cut':
      return `Your answer was cut at ${tokens} tokens, ${nothing}. Say less at a time: think briefly, one call with short arguments, long work in parts.`;
    case 'within-call':
      return `Your answer ended in the middle of the arguments of a call, ${nothing}. Send each call whole, with arguments that are complete JSON; if they are long, in parts.`;
    case 'unknown':
      return `Your answer ended with "${word}", which is no good end, ${nothing}. Answer again, with well-formed calls.`;
  }
}
