import type { Context, Hono } from 'hono';
import { z } from 'zod';
import type { InboxEntry, LinkGrant } from '../../client/index.ts';
import { WaymarkError } from '../../client/index.ts';
import type { DeskDependencies } from '../desk.ts';
import { openDesk } from '../desk.ts';
import type { Environment } from '../http/environment.ts';
import { addressOf } from '../http/identify.ts';
import type { Limits } from '../limits.ts';
import { messagePage } from './message-page.ts';
import { requestPage } from './request-page.ts';
import { doneText, sendForm } from './send-form.ts';

export interface LinkPagesOptions {
  readonly desk: DeskDependencies;
  readonly limits: Pick<Limits, 'stranger'>;
}

/** The page that a signed link opens: one request, which whom it was made for can answer without signing in. */
export function addLinkPages(pages: Hono<Environment>, options: LinkPagesOptions): void {
  pages.get('/answer/:token', (c) =>
    withLink(c, options, async ({ entry }) => c.html(requestPage(entry, { action: c.req.path }))),
  );
  pages.post('/answer/:token', (c) =>
    withLink(c, options, async ({ entry, grant }) => {
      const desk = openDesk(options.desk, {
        id: 'link',
        tenant: grant.tenant,
        rights: ['answer'],
        actor: { kind: 'person', id: grant.for },
      });
      const form = await c.req.formData();
      const sent = await sendForm(desk, entry, form, { only: true });
      if ('done' in sent) return c.html(messagePage('Thank you', doneText(sent.done)));
      const { problem, status = 422 } = sent;
      return c.html(requestPage(entry, { action: c.req.path, problem, typed: form }), status);
    }),
  );
}

/** Opens what a link is for, once it has been verified; a link that holds no longer says so. */
async function withLink(
  c: Context<Environment>,
  { desk, limits }: LinkPagesOptions,
  work: (opened: { readonly grant: LinkGrant; readonly entry: InboxEntry }) => Promise<Response>,
): Promise<Response> {
  const token = c.req.param('token') ?? '';
  try {
    const { inbox } = desk.waymarkOf(tenantOf(token));
    const grant = await inbox.verifyLink(token);
    return await work({ grant, entry: await inbox.open(`${grant.taskId}/${grant.requestId}`) });
  } catch (error) {
    if (!(error instanceof WaymarkError)) throw error;
    if (error.code === 'LinkExpired' || error.code === 'Refused') {
      return c.html(messagePage('This link is used up', error.message), 410);
    }
    await limits.stranger(addressOf(c));
    if (error.code !== 'LinkInvalid' && error.code !== 'InvalidInput') throw error;
    return c.html(messagePage('This link does not hold', LINK_INVALID), 404);
  }
}

const LINK_INVALID = 'It is not one of ours, or was damaged. Copy it whole, or ask for a new one.';
const NOBODY = 'default';

/** Whose link a token claims to be; whether that is true, its seal tells. */
function tenantOf(token: string): string {
  const claimed = z.object({ tenant: z.string() });
  try {
    const [body = ''] = token.split('.');
    return claimed.parse(JSON.parse(Buffer.from(body, 'base64url').toString('utf8'))).tenant;
  } catch {
    return NOBODY;
  }
}
