import type { NewMemory } from '../../contracts/memory.ts';
import { topicsOfHome } from '../retrieval/topics-of-home.ts';
import { topicsOfWork } from '../retrieval/topics-of-work.ts';

const DAY_MS = 86_400_000;
const FIRST_DAY = Date.parse('2026-01-05T09:00:00.000Z');
/** Memories of one person; a tenant has as many persons as that takes. */
export const SCOPE_SIZE = 1_000;

const topics = [...topicsOfHome, ...topicsOfWork];

/** What memories are made of: every way to tell every value. */
export const SENTENCES: readonly string[] = topics.flatMap(({ told, values }) =>
  told.flatMap((shape) => values.map((value) => shape.replaceAll('{v}', value))),
);

/** Questions in other words, each of a topic. */
export const QUESTIONS: readonly string[] = topics.flatMap(({ asked }) =>
  asked.map((shape) => shape.replaceAll('{n}', 'this customer')),
);

/** The id of the person that a memory is about. */
export function personOf(at: number, count: number): string {
  return `customer-${at % personsAmong(count)}`;
}

export function personsAmong(count: number): number {
  return Math.max(1, Math.round(count / SCOPE_SIZE));
}

/** A memory as the loop writes them, with all metadata; the number makes its text unlike every other. */
export function memoryAt(at: number, count: number): NewMemory {
  const person = personOf(at, count);
  const taskId = `onboarding:${person}-${at % 40}`;
  const kinds = ['fact', 'preference', 'episode', 'decision', 'constraint'] as const;
  return {
    id: `m${at}`,
    scope: { scope: 'user', id: person },
    kind: kinds[at % kinds.length] ?? 'fact',
    text: `${SENTENCES[(at * 7_919) % SENTENCES.length] ?? ''} #${at.toString(36)}`,
    subject: person,
    owner: 'onboarding',
    importance: 0.7,
    confidence: 0.9,
    trust: at % 3 === 0 ? 'tool' : 'person',
    provenance: { taskId, turn: at % 40, seq: at % 200, tool: 'import_data' },
    validFrom: new Date(FIRST_DAY + (at % 300) * DAY_MS).toISOString(),
    ...(at % 5 < 2 ? { slot: `answer:${(at * 7_919).toString(16).padStart(24, '0')}` } : {}),
  };
}
