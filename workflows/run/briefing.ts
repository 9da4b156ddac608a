import type { Briefing } from '../../contracts/stages.ts';
import { fingerprint } from '../rules/fingerprint.ts';
import type { TaskRun } from './task-run.ts';

/** Refers to words, and brings them along until a call with them has ended well. */
export function briefing<Words extends object>({ told }: TaskRun, words: Words): Briefing<Words> {
  const print = fingerprint(JSON.stringify(words));
  return told.has(print) ? { print } : { print, words };
}

/** A call with these has ended well. */
export function wereTold({ told }: TaskRun, ...briefings: readonly Briefing<object>[]): void {
  for (const { print } of briefings) told.add(print);
}
