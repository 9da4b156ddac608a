import type { MiddlewareHandler } from 'hono';
import { isId } from '../../contracts/ids.ts';
import type { Caller } from '../caller.ts';
import type { DeskDependencies } from '../desk.ts';
import { openDesk } from '../desk.ts';
import type { Environment } from '../http/environment.ts';
import { addressOf, unauthorized } from '../http/identify.ts';
import type { Limits } from '../limits.ts';
import { Problem } from '../problems.ts';
import { whyNotSigned } from './webhook-secrets.ts';
import type { WebhookTargets } from './webhook-targets.ts';

export interface WebhookOptions {
  /** Any of them may have signed; none: no webhook is taken without a key. */
  readonly secrets: readonly string[];
  /** Whose tasks their holders may deliver events to. */
  readonly tenant: string;
  readonly targets: WebhookTargets;
}

/** Takes a signature in the place of a key, where a request has the one and not the other. */
export function identifyWebhook(
  { secrets, tenant, targets }: WebhookOptions,
  { desk, limits }: { readonly desk: DeskDependencies; readonly limits: Pick<Limits, 'request' | 'stranger'> },
): MiddlewareHandler<Environment, '/v1/tasks/:task/events/:event'> {
  const caller: Caller = { id: 'webhook', tenant, rights: ['send'], actor: { kind: 'service', id: 'webhook' } };
  return async (c, next) => {
    const signature = c.req.header('webhook-signature');
    if (signature === undefined || secrets.length === 0 || c.req.header('authorization') !== undefined) return next();
    const id = c.req.header('webhook-id') ?? '';
    const timestamp = c.req.header('webhook-timestamp') ?? '';
    const request = { id, timestamp, signature, body: await c.req.text() };
    const reason = isWebhookId(id) ? whyNotSigned(request, secrets) : 'its id is missing or malformed';
    if (reason !== undefined) {
      await limits.stranger(addressOf(c));
      throw unauthorized(`The webhook's signature does not hold: ${reason}.`);
    }
    await limits.request(caller);
    const target = `${c.req.param('task')} ${c.req.param('event')}`;
    if (!(await targets.isFor(tenant, id, target))) {
      throw new Problem('refused', `Webhook ${id} was delivered to another event before.`);
    }
    c.set('desk', openDesk(desk, caller));
    c.set('webhookId', id);
    return next();
  };
}

/** Full stops part what is signed, so an id with one could be read in two ways. */
function isWebhookId(id: string): boolean {
  return isId(id) && !id.includes('.');
}
