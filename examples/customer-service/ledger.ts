import { z } from 'zod';
import { effectName, eventSchema } from './domain.ts';

/** One request received, and what became of it. The effect stands in the same line, so both survive or neither. */
export const ledgerEntrySchema = z.object({
  number: z.number(),
  at: z.string(),
  method: z.string(),
  path: z.string(),
  bodyHash: z.string(),
  idempotencyKey: z.string().nullable(),
  outcome: z.enum(['done', 'repeated', 'rejected']),
  status: z.number(),
  answer: z.json(),
  effect: eventSchema.optional(),
});
export type LedgerEntry = z.output<typeof ledgerEntrySchema>;

export interface LedgerSummary {
  readonly requests: number;
  /** Changes carried out. */
  readonly effects: number;
  /** Changes carried out although they had been carried out before. */
  readonly duplicates: number;
}

/** All requests since the service was first started. */
export interface Ledger {
  readonly entries: readonly LedgerEntry[];
  add(entry: LedgerEntry): void;
  /** The earlier answer to a request with this key. */
  answered(idempotencyKey: string): LedgerEntry | undefined;
  summary(): LedgerSummary;
}

export function createLedger(): Ledger {
  const entries: LedgerEntry[] = [];
  const answered = new Map<string, LedgerEntry>();
  const effects = new Set<string>();
  let carriedOut = 0;
  return {
    entries,
    add: (entry) => {
      entries.push(entry);
      if (!entry.effect) return;
      carriedOut += 1;
      effects.add(effectName(entry.effect));
      if (entry.idempotencyKey !== null) answered.set(entry.idempotencyKey, entry);
    },
    answered: (idempotencyKey) => answered.get(idempotencyKey),
    summary: () => ({ requests: entries.length, effects: carriedOut, duplicates: carriedOut - effects.size }),
  };
}
