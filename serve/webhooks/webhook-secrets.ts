import { Webhook, WebhookVerificationError } from 'standardwebhooks';

/** A request that says it is signed, as the Standard Webhooks specification has it. */
export interface SignedRequest {
  readonly id: string;
  /** Seconds since 1970. */
  readonly timestamp: string;
  readonly signature: string;
  readonly body: string;
}

const PREFIX = 'whsec_';

/**
 * Why a request is not what a holder of one of the secrets has just signed; `undefined` where it is. Five minutes are
 * granted to the clocks. A secret with the prefix `whsec_` is base64, another is taken as it is.
 */
export function whyNotSigned(request: SignedRequest, secrets: readonly string[]): string | undefined {
  const { id, timestamp, signature, body } = request;
  const headers = { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signature };
  const reasons = secrets.map((secret) => {
    const webhook = secret.startsWith(PREFIX)
      ? new Webhook(secret)
      : new Webhook(Buffer.from(secret), { format: 'raw' });
    try {
      webhook.verify(body, headers, { jsonParse: false });
      return undefined;
    } catch (error) {
      if (error instanceof WebhookVerificationError) return error.message;
      throw error;
    }
  });
  return reasons.includes(undefined) ? undefined : (reasons[0] ?? 'there is no secret');
}
