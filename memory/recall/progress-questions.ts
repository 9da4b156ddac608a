import type { RecallQuery } from '../../contracts/memory-query.ts';
import type { MemoryKind } from '../../contracts/memory.ts';

/** Questions about tasks, each one recall. Spread further fields (`reader`, `limit`, `policy`) over what comes back. */

/** Tasks that stand at the same point say so in nearly the same words, and each of them is an answer. */
const ALIKE = { diversity: 0 } as const;

const TRIED: readonly MemoryKind[] = ['failed-strategy', 'progress', 'episode', 'procedure'];

/**
 * What has been tried with a subject in any of its tasks, what came of it, and under what condition to try again. All of
 * it, what bears on the question first.
 */
export function whatWasTried(subject: string, about = 'what was tried and did not work'): RecallQuery {
  const scopes = [{ scope: 'task', every: true } as const, { scope: 'user', id: subject } as const];
  return { text: about, scopes, subject, kinds: TRIED, includeClosed: true, policy: { ...ALIKE, minSimilarity: 0 } };
}

/**
 * Which tasks are stuck on something: their states, each with its task in `provenance.taskId`. That they are stuck is
 * asked by a filter; as a word it would weigh more than what they are stuck on.
 */
export function whichAreStuck(on: string): RecallQuery {
  return {
    text: on,
    scopes: [{ scope: 'task', every: true }],
    kinds: ['state'],
    where: { status: 'blocked' },
    policy: ALIKE,
  };
}

/** Where a task stands: its state and what it has reached, newest first. */
export function whereWasI(taskId: string): RecallQuery {
  return { text: '', scopes: [{ scope: 'task', id: taskId }], kinds: ['state', 'progress'] };
}
