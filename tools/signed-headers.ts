import { createHmac } from 'node:crypto';

/**
 * Headers that sign a message as in the Standard Webhooks specification: HMAC-SHA256 over id, time and body.
 * @param message `secret`: with the prefix `whsec_` the rest is base64, else it is taken as it is
 */
export function signedHeaders({ id, body, secret, at }: { id: string; body: string; secret: string; at: Date }) {
  const seconds = String(Math.floor(at.getTime() / 1_000));
  const key = secret.startsWith('whsec_') ? Buffer.from(secret.slice('whsec_'.length), 'base64') : Buffer.from(secret);
  const signature = createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': seconds, 'webhook-signature': `v1,${signature}` };
}
