import type { Actor } from '../contracts/transcript.ts';

/** What a key may allow. Each operation needs one of them. */
export const rights = ['read', 'start', 'send', 'answer', 'control', 'memories', 'act-for'] as const;
export type Right = (typeof rights)[number];

/** What each right allows, for people. */
export const rightWords: Readonly<Record<Right, string>> = {
  read: 'list and follow tasks, and read the inbox',
  start: 'start tasks',
  send: 'send messages and deliver events to tasks',
  answer: 'answer questions, approve and reject calls',
  control: 'pause, resume and cancel tasks, and raise their budgets',
  memories: 'search memories',
  'act-for': 'name another actor than its own in a request',
};

/** Who asks: one tenant, some rights, and the name under which messages are signed. */
export interface Caller {
  /** What limits are counted by, and what stands in the log. */
  readonly id: string;
  readonly tenant: string;
  readonly rights: readonly Right[];
  readonly actor: Actor;
  /** What else it answers as: roles, addresses. */
  readonly roles?: readonly string[];
}

/** Is this the name of a right? */
export function isRight(word: string): word is Right {
  return rights.some((right) => right === word);
}
