import type { Desk } from '../desk.ts';

/** What middleware leaves for handlers. */
export interface Environment {
  readonly Variables: {
    requestId: string;
    /** Set once the caller is known. */
    desk: Desk;
    /** Of a webhook that came with a signature. */
    webhookId?: string;
  };
}
