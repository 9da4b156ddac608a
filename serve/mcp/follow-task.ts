import type { Desk } from '../desk.ts';
import { statusDetail, statusWords } from '../../client/index.ts';
import { storyLines } from '../story-line.ts';

const DEFAULT_SECONDS = 20;
const MOST_LINES = 200;
const NEEDS_SOMEBODY: readonly string[] = ['waiting', 'paused', 'blocked'];

/** What an assistant that follows a task is told. */
export interface Followed {
  /** A line each, oldest first. */
  readonly happened: readonly string[];
  readonly status: string;
  /** What it waits for, why it is blocked, how it failed. */
  readonly detail?: string;
  readonly result?: unknown;
  /** Give it back to go on from here. */
  readonly next: string;
}

/** Follows a task until it needs somebody, ends, or the time is up. */
export async function followTask(
  desk: Desk,
  request: { readonly task: string; readonly from?: string; readonly seconds?: number; readonly signal: AbortSignal },
): Promise<Followed> {
  const { task, from = '0', seconds = DEFAULT_SECONDS } = request;
  const happened: string[] = [];
  let next = from;
  let status = '';
  let rest: Pick<Followed, 'detail' | 'result'> = {};
  const signal = AbortSignal.any([request.signal, AbortSignal.timeout(seconds * 1_000)]);
  for await (const event of desk.events(task, { from, signal })) {
    next = event.offset;
    happened.push(...storyLines(event).map(({ who, text }) => `${who}: ${text}`));
    if (event.type === 'ended') rest = { result: event.result };
    if (event.type !== 'status' && event.type !== 'snapshot' && event.type !== 'ended') continue;
    status = statusWords(event.status);
    const detail = statusDetail(event.status);
    if (event.type !== 'ended') rest = detail === '' ? {} : { detail };
    // What ends a task is told by its last event, with the result.
    if (NEEDS_SOMEBODY.includes(event.status.kind)) break;
  }
  const told = { happened: happened.slice(-MOST_LINES), next };
  if (status !== '') return { ...told, status, ...rest };
  return { ...told, status: (await desk.summary(task)).status };
}
