import type { DoneCall } from '../../tools/compensation.ts';
import { refuse } from '../../tools/refusal.ts';

/** The id that a completed call answered under a name, e.g. `accountId`; without it, nobody knows what to take back. */
export function answeredId({ result }: DoneCall, name: string): string {
  const fields: Record<string, unknown> = typeof result === 'object' && result !== null ? { ...result } : {};
  const id = fields[name];
  return typeof id === 'string' ? id : refuse(`The call answered no ${name}; look in the customer service.`);
}
