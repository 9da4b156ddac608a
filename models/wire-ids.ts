import { createHash } from 'node:crypto';

import type { PromptMessage } from '../contracts/language-model.ts';

/**
 * How the calls of a prompt are named to a server: as it named them itself, or else by ids of nine letters or digits,
 * which is what Mistral demands and all others take.
 */
export function wireIds(messages: readonly PromptMessage[], speaker: string): (id: string) => string {
  const own = new Map<string, string>();
  for (const message of messages) {
    if (message.role !== 'assistant' || message.words?.by !== speaker) continue;
    for (const { id, words } of message.calls ?? []) if (words?.id !== undefined) own.set(id, words.id);
  }
  return (id) => own.get(id) ?? madeId(id);
}

const LENGTH = 9;

/** `t4c1` as `00000t4c1`; of an id that is longer or has other signs, a hash. */
function madeId(id: string): string {
  if (/^[a-zA-Z0-9]{1,9}$/.test(id)) return id.padStart(LENGTH, '0');
  return createHash('sha256').update(id).digest('hex').slice(0, LENGTH);
}
