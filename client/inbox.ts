import type { Duration } from '@temporalio/common';
import { msToNumber } from '@temporalio/common/lib/time.js';
import type { LinkClaims } from '../contracts/answer-links.ts';
import type { IsoTime } from '../contracts/json.ts';
import type { TaskProgress } from '../contracts/task.ts';
import { answerPage, LINK_GOOD_FOR_MS } from './answer-links.ts';
import type { AnswerLinks } from './answer-links.ts';
import { answererWords, isSameName, mayAnswer } from '../contracts/who-may-answer.ts';
import type { Acting } from '../contracts/who-may-answer.ts';
import { WaymarkError } from './errors.ts';
import { itemsOf, parseItemId } from './inbox-item.ts';
import type { InboxEntry, InboxItem } from './inbox-item.ts';
import { storyOf } from './story.ts';
import type { TaskHandle } from './task-handle.ts';
import { namesOf, waitingOf, waitingTasks } from './waiting-tasks.ts';
import { asWaymarkError } from './temporal-errors.ts';
import type { WaymarkOptions } from './waymark.ts';

/** Which requests to list. */
export interface InboxFilter {
  /** Only what is for this person, role or address, in capitals or not; or for one of several. */
  readonly for?: string | readonly string[];
  readonly agent?: string;
  /** Only what was asked at least so long ago, e.g. `2 days` or milliseconds. */
  readonly olderThan?: Duration;
  /** At most this many tasks are looked at. Default 500. */
  readonly limit?: number;
  /** Goes on where an earlier list of the same filter ended: its `next`. */
  readonly cursor?: string;
}

/** What people are asked. */
export interface InboxList {
  /** The oldest first. */
  readonly items: readonly InboxItem[];
  /** Ids of tasks that wait for somebody and could not say for what: no record is left, and no worker answered in time. */
  readonly silent: readonly string[];
  /** Do more tasks wait than were looked at? `next` as the cursor of another list shows the others. */
  readonly more: boolean;
  readonly next?: string;
}

/** A link to the answer page. */
export interface AnswerLink {
  readonly token: string;
  /** Where `linkBase` is set: that address, `/answer/`, and the token. */
  readonly url?: string;
  readonly for: string;
  readonly expires: IsoTime;
}

/** What a link that holds allows: to see one open request, and to answer it as `for`. */
export interface LinkGrant extends LinkClaims {
  readonly item: InboxItem;
}

/** What the tasks of a tenant wait for people to do. */
export interface Inbox {
  /**
   * Open questions and approvals of all tasks. Tasks without a record are asked themselves, all of them within
   * `answerWithinMs`.
   */
  list(filter?: InboxFilter): Promise<InboxList>;
  /**
   * One request, whole, with its background.
   * @throws WaymarkError `TaskNotFound`; `Refused` where it is open no more; `NoWorker`
   */
  open(id: string): Promise<InboxEntry>;
  /**
   * A signed link with which one person answers one request, without any other key. It ends with the request.
   * @param id an item's id, e.g. `onboarding:acme/q1`
   * @param options `for`: who answers by it, where the request names nobody or somebody else. `goodFor`: default 7 days
   * @throws WaymarkError as `open` does; `InvalidInput` without a key for links, where nobody is named, or where whom it
   *   would be for may not answer
   */
  link(id: string, options?: { readonly for?: string; readonly goodFor?: Duration }): Promise<AnswerLink>;
  /**
   * What a link allows, while what it asks is open.
   * @throws WaymarkError `LinkInvalid`, `LinkExpired`; `Refused` where it was answered already or is open no more
   */
  verifyLink(token: string): Promise<LinkGrant>;
}

export interface InboxDependencies {
  readonly options: Pick<WaymarkOptions, 'temporal' | 'address' | 'searchAttributes' | 'records' | 'transcripts'>;
  readonly tenant: string;
  readonly answerWithinMs: number;
  readonly get: (taskId: string) => TaskHandle;
  readonly links: AnswerLinks | undefined;
  readonly linkBase: string | undefined;
}

const MOST_TASKS = 500;
const STORY_ENTRIES = 12;

export function createInbox(dependencies: InboxDependencies): Inbox {
  const { tenant, links, linkBase } = dependencies;
  const signer = (): AnswerLinks => {
    if (links) return links;
    throw new WaymarkError('InvalidInput', 'Links need a key: set WAYMARK_LINK_KEY, or give `linkKey`.');
  };
  const told = async <Result>(action: () => Promise<Result>): Promise<Result> => {
    try {
      return await action();
    } catch (error) {
      throw asWaymarkError(error, { taskId: '', address: dependencies.options.address });
    }
  };
  return {
    list: (filter = {}) => told(() => listRequests(dependencies, filter)),
    open: (id) => told(() => openRequest(dependencies, id)),
    link: async (id, { for: given, goodFor = LINK_GOOD_FOR_MS } = {}) => {
      const key = signer();
      const { item } = await findRequest(dependencies, id);
      const whom = given ?? item.for;
      if (whom === undefined) {
        throw new WaymarkError('InvalidInput', `Request ${id} is for nobody in particular: say for whom the link is.`);
      }
      if (!mayAnswer(item.request, linkActor(whom))) {
        throw new WaymarkError('InvalidInput', `Of ${id}, ${answererWords(item.request) ?? ''}: no link for ${whom}.`);
      }
      const expires = new Date(Date.now() + spanOf('goodFor', goodFor)).toISOString();
      const { taskId, requestId, askedAt } = item;
      const token = key.sign({ tenant, taskId, requestId, askedAt, for: whom, expires });
      const url = linkBase === undefined ? {} : { url: answerPage(linkBase, token) };
      return { token, for: whom, expires, ...url };
    },
    verifyLink: async (token) => {
      const claims = signer().read(token);
      if (claims.tenant !== tenant) throw new WaymarkError('LinkInvalid', 'This link is of another tenant.');
      const { item } = await findRequest(dependencies, `${claims.taskId}/${claims.requestId}`);
      if (item.askedAt !== claims.askedAt) {
        throw new WaymarkError('Refused', 'What this link asked is open no more; the task has asked anew since.');
      }
      if (mayAnswer(item.request, linkActor(claims.for))) return { ...claims, item };
      const now = `has gone to somebody else: ${answererWords(item.request) ?? ''}`;
      throw new WaymarkError('Refused', `This link was for ${claims.for}, and what it asks ${now}.`);
    },
  };
}

/** Who follows a link is whom it was made for. */
function linkActor(whom: string): Acting {
  return { by: { kind: 'person', id: whom } };
}

async function listRequests(dependencies: InboxDependencies, filter: InboxFilter): Promise<InboxList> {
  const { olderThan, limit = MOST_TASKS } = filter;
  const latest = olderThan === undefined ? undefined : Date.now() - spanOf('olderThan', olderThan);
  if (!Number.isSafeInteger(limit) || limit < 1) {
    throw new WaymarkError('InvalidInput', `limit ${limit} is not a whole number of at least 1.`);
  }
  const names = namesOf(filter);
  const { told, silent, ...rest } = await waitingTasks(dependencies, filter, limit);
  const items = told
    .flatMap(itemsOf)
    .filter((item) => names === undefined || names.some((name) => item.for !== undefined && isSameName(name, item.for)))
    .filter(({ askedAt }) => latest === undefined || Date.parse(askedAt) <= latest)
    .toSorted((one, other) => one.askedAt.localeCompare(other.askedAt));
  return { items, silent, ...rest };
}

/** @throws WaymarkError `InvalidInput` for what is no span of time */
function spanOf(what: string, given: Duration): number {
  try {
    return msToNumber(given);
  } catch (error) {
    const message = `${what} "${given}" is no span of time: expected e.g. 2 days, 36h or milliseconds.`;
    throw new WaymarkError('InvalidInput', message, { cause: error });
  }
}

/** The request as its task tells it now. */
async function findRequest(
  { get }: InboxDependencies,
  id: string,
): Promise<{ readonly item: InboxItem; readonly progress: TaskProgress }> {
  const { taskId, requestId } = parseItemId(id);
  const progress = await get(taskId).progress();
  const item = itemsOf(waitingOf(progress)).find((candidate) => candidate.requestId === requestId);
  if (item) return { item, progress };
  throw new WaymarkError('Refused', `Request ${requestId} of task ${taskId} is open no more.`);
}

async function openRequest(dependencies: InboxDependencies, id: string): Promise<InboxEntry> {
  const { item, progress } = await findRequest(dependencies, id);
  const { plan, startedAt, turn } = progress;
  return { ...item, plan, startedAt, turn, story: await storyBefore(dependencies, item, progress) };
}

/** From the transcript; where Redis has lost it, from what the task itself still knows. */
async function storyBefore(
  { tenant, options }: InboxDependencies,
  { taskId }: InboxItem,
  { entries, markers, lastObservation }: TaskProgress,
): Promise<string[]> {
  const range = { from: Math.max(entries - STORY_ENTRIES + 1, 1), to: entries };
  const read = await options.transcripts?.read({ tenant, taskId }, range).catch(() => []);
  const told = storyOf(read ?? []);
  if (told.length > 0) return told;
  return [
    ...markers.slice(-5).map(({ text }) => `✓ ${text}`),
    ...(lastObservation === undefined ? [] : [lastObservation]),
  ];
}
