import type { Redis } from 'ioredis';
import { keys, TIME_TO_LIVE } from '../../contracts/keys.ts';
import { Problem } from '../problems.ts';

/** Remembers for which event of which task each webhook was: its signature does not cover the address. */
export interface WebhookTargets {
  /** True where this webhook is for that target, false where it came for another before. @throws Problem `unreachable` */
  isFor(tenant: string, webhookId: string, target: string): Promise<boolean>;
}

export function createWebhookTargets(redis: Redis): WebhookTargets {
  return {
    isFor: async (tenant, webhookId, target) => {
      const key = keys.webhook(tenant, webhookId);
      try {
        if ((await redis.set(key, target, 'EX', TIME_TO_LIVE.webhook, 'NX')) === 'OK') return true;
        return (await redis.get(key)) === target;
      } catch (error) {
        throw new Problem('unreachable', 'Redis does not answer, and without it a webhook is not taken.', {
          cause: error,
        });
      }
    },
  };
}
