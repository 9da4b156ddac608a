const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A span in the two units that matter, e.g. `3 d 4 h`. */
export function span(ms: number): string {
  if (ms < SECOND) return `${Math.max(Math.round(ms), 0)} ms`;
  if (ms < MINUTE) return `${Math.floor(ms / SECOND)} s`;
  if (ms < HOUR) return units(ms, [MINUTE, 'min'], [SECOND, 's']);
  if (ms < DAY) return units(ms, [HOUR, 'h'], [MINUTE, 'min']);
  return units(ms, [DAY, 'd'], [HOUR, 'h']);
}

function units(ms: number, [large, largeName]: [number, string], [small, smallName]: [number, string]): string {
  const rest = Math.floor((ms % large) / small);
  return `${Math.floor(ms / large)} ${largeName}${rest === 0 ? '' : ` ${rest} ${smallName}`}`;
}

/** How long ago, in one unit: for columns. */
export function ago(time: string, now: number = Date.now()): string {
  const ms = Math.max(now - Date.parse(time), 0);
  if (ms < MINUTE) return `${Math.floor(ms / SECOND)} s ago`;
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} min ago`;
  if (ms < 2 * DAY) return `${Math.floor(ms / HOUR)} h ago`;
  return `${Math.floor(ms / DAY)} d ago`;
}

/** A moment for people, in their own time zone, to the minute: `2026-11-23 15:24`. */
export function moment(time: string): string {
  const at = new Date(time);
  if (Number.isNaN(at.getTime())) return time;
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}`;
}
