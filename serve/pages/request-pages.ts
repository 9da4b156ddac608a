import type { Hono } from 'hono';
import type { InboxEntry } from '../../client/index.ts';
import { WaymarkError } from '../../client/index.ts';
import type { Desk } from '../desk.ts';
import type { Environment } from '../http/environment.ts';
import { answerOf } from './form-fields.ts';
import { inboxPage } from './inbox-page.ts';
import { requestPage } from './request-page.ts';

/** The inbox, and one request with the form that answers it. */
export function addRequestPages(pages: Hono<Environment>, { signedIn }: { readonly signedIn: boolean }): void {
  pages.get('/inbox', async (c) => {
    const { desk } = c.var;
    const mine = c.req.query('for') === 'me';
    const items = await desk.inbox(mine ? { for: desk.caller.actor.id } : {});
    return c.html(inboxPage(items, { caller: desk.caller, signedIn, mine }));
  });
  pages.get('/inbox/:task/:request', async (c) => {
    const { desk } = c.var;
    const entry = await desk.request(c.req.param('task'), c.req.param('request'));
    return c.html(requestPage(entry, { action: c.req.path, caller: desk.caller, signedIn }));
  });
  pages.post('/inbox/:task/:request', async (c) => {
    const { desk } = c.var;
    const task = c.req.param('task');
    const entry = await desk.request(task, c.req.param('request'));
    const form = await c.req.formData();
    const problem = await sendForm(desk, entry, form);
    if (problem === undefined) return c.redirect(`/tasks/${task}?done=${doneWord(entry, form)}`, 303);
    return c.html(requestPage(entry, { action: c.req.path, caller: desk.caller, signedIn, problem }), 409);
  });
}

/** Sends what a form holds; tells why it was not taken, where it was not. */
export async function sendForm(
  desk: Pick<Desk, 'answer' | 'approve' | 'reject'>,
  { request, taskId }: InboxEntry,
  form: FormData,
): Promise<string | undefined> {
  try {
    if (request.kind === 'question') {
      await desk.answer(taskId, { questionId: request.id, text: answerOf(request, form) });
    } else if (form.get('decision') === 'approve') {
      await desk.approve(taskId, { callId: request.callId });
    } else {
      const reason = form.get('reason');
      if (typeof reason !== 'string' || reason.trim() === '') return 'Say why it is refused: the agent is told.';
      await desk.reject(taskId, { callId: request.callId, reason });
    }
    return undefined;
  } catch (error) {
    if (error instanceof WaymarkError && error.code === 'Refused') return error.message;
    throw error;
  }
}

export function doneWord({ request }: InboxEntry, form: FormData): keyof typeof doneWords {
  if (request.kind === 'question') return 'answered';
  return form.get('decision') === 'approve' ? 'approved' : 'refused';
}

/** What was done, in a sentence. */
export const doneWords = {
  answered: 'Your answer is with the task.',
  approved: 'The call is approved.',
  refused: 'The call is refused.',
} as const;

export function doneText(word: string | undefined): string | undefined {
  return Object.entries(doneWords).find(([known]) => known === word)?.[1];
}
