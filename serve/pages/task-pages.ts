import type { Hono } from 'hono';
import type { EventLog } from '../../contracts/projection.ts';
import { streamResponse } from '../api/stream-task.ts';
import { statusKinds } from '../../contracts/task.ts';
import type { Environment } from '../http/environment.ts';
import type { StillMay } from '../keys/still-may.ts';
import type { Limits } from '../limits.ts';
import { liveParts } from './live-task.ts';
import { doneText } from './send-form.ts';
import { storyLines } from '../story-line.ts';
import { taskListPage } from './task-list-page.ts';
import { taskPage } from './task-page.ts';

export interface TaskPagesOptions {
  readonly events: EventLog;
  readonly limits: Pick<Limits, 'stream'>;
  readonly stillMay: StillMay;
  readonly signedIn: boolean;
}

/** So many lines of the story are on a page; all of it is in the event stream. */
const LINES_SHOWN = 200;
const EVENTS_READ = 3_000;

/** The list of tasks, and one task, which goes on live. */
export function addTaskPages(pages: Hono<Environment>, options: TaskPagesOptions): void {
  const { events, signedIn } = options;
  pages.get('/tasks', async (c) => {
    const { desk } = c.var;
    const status = statusKinds.find((kind) => kind === c.req.query('status'));
    const tasks = await desk.list({ limit: 100, ...(status === undefined ? {} : { status }) });
    return c.html(taskListPage(tasks, { caller: desk.caller, signedIn, status }));
  });
  pages.get('/tasks/:task', async (c) => {
    const { desk } = c.var;
    const taskId = c.req.param('task');
    const view = await desk.show(taskId);
    const told = await events.read({ tenant: desk.caller.tenant, taskId }, { from: '0', limit: EVENTS_READ });
    const ended = told.at(-1)?.type === 'ended';
    const live = ended ? undefined : `/tasks/${taskId}/live?from=${told.at(-1)?.offset ?? '0'}`;
    const lines = told.flatMap(storyLines).slice(-LINES_SHOWN);
    return c.html(taskPage(view, { caller: desk.caller, signedIn, lines, live, done: doneText(c.req.query('done')) }));
  });
  addLive(pages, options);
}

function addLive(pages: Hono<Environment>, { limits, stillMay }: TaskPagesOptions): void {
  pages.get('/tasks/:task/live', async (c) => {
    const { desk } = c.var;
    const taskId = c.req.param('task');
    const from = c.req.header('last-event-id') ?? c.req.query('from') ?? '0';
    const isOver = async (): Promise<boolean> => (await desk.summary(taskId)).closedAt !== undefined;
    await isOver();
    const close = limits.stream(desk.caller);
    const gone = new AbortController();
    const events = desk.events(taskId, { from, signal: gone.signal });
    return streamResponse({
      messages: liveParts(events, { taskId, isOver }),
      mayGoOn: () => stillMay(desk.caller),
      onEnd: () => {
        close();
        gone.abort();
        events.return(undefined).catch(() => undefined);
      },
    });
  });
}
