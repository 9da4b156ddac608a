import { isSameName } from '../../contracts/who-may-answer.ts';
import type { Actor } from '../../contracts/transcript.ts';

const MOST_SENDERS = 100;

/** Those who have sent a task messages, and one more; the newest last. */
export function withSender(senders: readonly string[], { id }: Actor): readonly string[] {
  return [...senders.filter((sender) => !isSameName(sender, id)), id].slice(-MOST_SENDERS);
}

/** Who has asked for what a task does: whoever started it, and everybody who has sent it a message. */
export function askersOf({
  startedBy,
  senders,
}: {
  readonly startedBy: Actor;
  readonly senders: readonly string[];
}): readonly string[] {
  return [...new Set([startedBy.id, ...senders])];
}
