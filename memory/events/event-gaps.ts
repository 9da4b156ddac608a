import type { GapEvent, PublishedEvent } from '../../contracts/events.ts';
import { BEGINNING, offsetBefore } from './event-offset.ts';

/** The events with a gap before each whose number does not follow; `last` is the number of the event before the first. */
export function withGaps(events: readonly PublishedEvent[], last: number): (PublishedEvent | GapEvent)[] {
  let before = last;
  return events.flatMap((event) => {
    const gap = gapBefore(event, before);
    before = event.number;
    return gap ? [gap, event] : [event];
  });
}

/** A number that is not higher than the last one comes from a stream that began anew. */
function gapBefore({ number, at, offset }: PublishedEvent, last: number): GapEvent | undefined {
  if (number === last + 1) return undefined;
  const to = number > last ? number - 1 : null;
  return { type: 'gap', at, from: last + 1, to, offset: offsetBefore(offset) };
}

/** The gap of a reader whose stream is gone: whatever comes begins anew. */
export function lostGap(last: number): GapEvent {
  return { type: 'gap', at: new Date().toISOString(), from: last + 1, to: null, offset: BEGINNING };
}
