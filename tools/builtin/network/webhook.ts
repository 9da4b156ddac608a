import { z } from 'zod';
import type { ApprovalPolicy } from '../../../contracts/approval-policy.ts';
import { failure, FailureType } from '../../../contracts/failures.ts';
import { defineTool } from '../../define-tool.ts';
import type { Tool } from '../../define-tool.ts';
import { refuse } from '../../refusal.ts';
import { signedHeaders } from '../../signed-headers.ts';
import { guardedFetch } from './guarded-fetch.ts';
import { createNetworkGate } from './network-grant.ts';
import { readBody } from './response-body.ts';
import { retryAfterMs } from '../../retry-after.ts';

export interface WebhookOptions {
  /** Where it goes; the model neither sees nor chooses it. */
  readonly url: string;
  /** Signs each message; read where the worker runs. With the prefix `whsec_` the rest is base64, else it is taken as it is. */
  readonly secret: () => string;
  /** What the receiver is told by it, for the model. */
  readonly purpose: string;
  /** The events that may be sent. Default: any. */
  readonly events?: readonly [string, ...string[]];
  /** Private networks in which the receiver may lie. Default: none; an address or `localhost` in `url` needs none. */
  readonly privateNetworks?: readonly string[];
  /** Default `send_webhook`. */
  readonly name?: string;
  /** Default `never`. */
  readonly approval?: ApprovalPolicy;
}

const ANSWER_BYTES = 2_000;

/**
 * Makes the tool that tells another system of an event, signed as in the Standard Webhooks specification. `webhook-id`
 * and `idempotency-key` are the same for every attempt, so that the receiver can drop what it has seen.
 */
export function createWebhookTool(options: WebhookOptions): Tool {
  const { url, secret, purpose, events } = options;
  const { hostname, port, protocol } = new URL(url);
  const at = `${hostname}:${port === '' ? (protocol === 'https:' ? 443 : 80) : port}`;
  const gate = createNetworkGate({ hosts: [at], privateNetworks: options.privateNetworks ?? [] });
  return defineTool({
    name: options.name ?? 'send_webhook',
    description: `Sends a signed event to another system. ${purpose}`,
    input: z.object({
      event: events === undefined ? z.string().min(1).max(100) : z.enum(events),
      data: z.record(z.string(), z.json()).describe('What happened, as a JSON object'),
    }),
    effect: 'idempotent',
    approval: options.approval ?? 'never',
    timeoutMs: 30_000,
    from: 'built-in',
    grants: [...gate.told, ...(events === undefined ? [] : [`events: ${events.join(', ')}`])],
    execute: async ({ event, data }, { idempotencyKey, signal }) => {
      // The same for every attempt: a receiver may compare what it gets under one key.
      const body = JSON.stringify({ type: event, data });
      const headers = { 'content-type': 'application/json', 'idempotency-key': idempotencyKey };
      const secretHeaders = signedHeaders({ id: idempotencyKey, body, secret: secret(), at: new Date() });
      const request = { url, method: 'POST', headers, secretHeaders, body, follow: false, signal };
      return guardedFetch(gate, request, async ({ response }) => {
        const { status } = response;
        const { body: answer } = await readBody(response, ANSWER_BYTES);
        const said = typeof answer === 'string' ? answer : JSON.stringify(answer ?? '');
        if (status < 300) return `Delivered (${status}).`;
        if (status < 500 && status !== 429) refuse(`The receiver did not take it (${status}): ${said}`);
        const message = `The webhook at ${at} answered ${status}: ${said.slice(0, 300)}`;
        throw failure(FailureType.ToolBackend, {
          message,
          retryAfterMs: retryAfterMs(response.headers.get('retry-after')),
        });
      });
    },
  });
}
