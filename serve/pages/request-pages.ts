import type { Hono } from 'hono';
import type { Environment } from '../http/environment.ts';
import { inboxPage } from './inbox-page.ts';
import { requestPage } from './request-page.ts';
import { sendForm } from './send-form.ts';

/** The inbox, and one request with the form that answers it. */
export function addRequestPages(pages: Hono<Environment>, { signedIn }: { readonly signedIn: boolean }): void {
  pages.get('/inbox', async (c) => {
    const { desk } = c.var;
    const { actor, roles = [] } = desk.caller;
    const mine = c.req.query('for') === 'me';
    const list = await desk.inbox(mine ? { for: [actor.id, ...roles] } : {});
    return c.html(inboxPage(list, { caller: desk.caller, signedIn, mine }));
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
    const sent = await sendForm(desk, entry, form, { as: c.req.query('as') });
    if ('done' in sent) return c.redirect(`/tasks/${task}?done=${sent.done}`, 303);
    const { problem, status = 422 } = sent;
    const again = { action: c.req.path, caller: desk.caller, signedIn, problem, typed: form };
    return c.html(requestPage(entry, again), status);
  });
}
