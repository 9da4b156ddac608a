/** What is seen of an event loop that counts its turns: how long it has been standing still. */
export interface LoopSight {
  readonly turns: number;
  /** When it was first seen at that count, in milliseconds. */
  readonly since: number;
}

/** A loop that has not turned for so long does not beat by itself in time: the heartbeat timeout may be two seconds. */
const STANDS_AFTER_MS = 600;
/** One that has stood still for so long is no pause any more: its worker is to be taken for dead. */
const LOST_AFTER_MS = 60_000;
/** How often a heartbeat goes out for it. */
const BEAT_EVERY_MS = 900;

/** What is seen now, after what was seen before. */
export function look(before: LoopSight | undefined, turns: number, now: number): LoopSight {
  return before?.turns === turns ? before : { turns, since: now };
}

/** Whether heartbeats have to be sent in its place. */
export function needsBeat(sight: LoopSight, { now, lastBeat }: { now: number; lastBeat: number }): boolean {
  const stood = now - sight.since;
  return stood >= STANDS_AFTER_MS && stood < LOST_AFTER_MS && now - lastBeat >= BEAT_EVERY_MS;
}
