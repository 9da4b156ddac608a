import { createHash } from 'node:crypto';
import type { WatchedEvent } from '../../contracts/events.ts';

/** What a turn goes through, in this order; not every turn through all of it, but every one comes to the last. */
const stages: readonly WatchedEvent['type'][] = [
  'context-assembled',
  'model-delta',
  'action-inferred',
  'tool-started',
  'tool-finished',
  'observation-recorded',
];
const LONGEST_DELAY_MS = 250;

/** Chooses a moment in every turn, the same ones for the same seed. */
export interface KillMoments {
  /** Milliseconds after this event at which the turn's moment comes; `undefined` where it does not come now. */
  next(event: WatchedEvent): number | undefined;
}

export function createKillMoments(seed: number): KillMoments {
  const past = new Set<number>();
  return {
    next: (event) => {
      const stage = stages.indexOf(event.type);
      if (stage < 0 || !('turn' in event) || past.has(event.turn)) return undefined;
      const [chosen = 0, delay = 0] = createHash('sha256').update(`${seed}:${event.turn}`).digest();
      if (stage < chosen % stages.length) return undefined;
      past.add(event.turn);
      return delay % LONGEST_DELAY_MS;
    },
  };
}
