import { failure, FailureType } from '../contracts/failures.ts';
import type { Notifier } from '../contracts/notices.ts';
import { signedHeaders } from '../tools/signed-headers.ts';
import { noticeText } from './notice-text.ts';

export interface WebhookNotifierOptions {
  readonly url: string;
  /** With the prefix `whsec_` the rest is base64, else it is taken as it is. */
  readonly secret: string;
  /** Default `webhook`. */
  readonly name?: string;
}

const ANSWER_SHOWN = 300;

/**
 * Posts notices as JSON, signed with HMAC-SHA256 over id, time and body, as the Standard Webhooks specification says.
 * `webhook-id` is the same for every attempt. An answer from 400 to 499 is final; others are tried again.
 */
export function createWebhookNotifier({ url, secret, name = 'webhook' }: WebhookNotifierOptions): Notifier {
  return {
    name,
    send: async (notice, { signal }) => {
      const body = JSON.stringify({ type: `waymark.${notice.kind}`, data: { ...notice, ...noticeText(notice) } });
      const id = notice.idempotencyKey;
      const headers = {
        'content-type': 'application/json',
        'idempotency-key': id,
        ...signedHeaders({ id, body, secret, at: new Date() }),
      };
      const response = await fetch(url, { method: 'POST', headers, body, signal, redirect: 'error' });
      const said = (await response.text()).slice(0, ANSWER_SHOWN);
      if (response.ok) return;
      const { status } = response;
      const message = `the receiver of notifier "${name}" answered ${status}: ${said}`;
      const final = status < 500 && status !== 408 && status !== 429;
      throw final ? failure(FailureType.NotifierRefused, { message }) : new Error(message);
    },
  };
}
