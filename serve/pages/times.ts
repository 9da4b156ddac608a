import { html } from 'hono/html';
import { utcMoment } from '../../client/index.ts';
import type { Markup } from './layout.ts';

const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
] as const;

/** How long ago, or until when, in one unit; the moment itself stands in its title. */
export function timeAgo(time: string, now: number = Date.now()): Markup {
  return html`<time datetime="${time}" title="${utcMoment(time)}">${words(Date.parse(time) - now)}</time>`;
}

function words(ms: number): string {
  const size = Math.abs(ms);
  const [unit, length] = UNITS.find(([, candidate]) => size >= candidate) ?? ['minute', 60_000];
  const count = Math.round(size / length);
  if (size < 60_000) return ms > 0 ? 'in less than a minute' : 'just now';
  const many = `${count} ${unit}${count === 1 ? '' : 's'}`;
  return ms > 0 ? `in ${many}` : `${many} ago`;
}
