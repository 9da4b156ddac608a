import type { NewMemory, ScopeRef } from '../../contracts/memory.ts';
import { topicsOfHome } from '../retrieval/topics-of-home.ts';
import { topicsOfWork } from '../retrieval/topics-of-work.ts';
import type { Topic } from '../retrieval/topic.ts';
import type { Random } from '../support/random.ts';

const DAY_MS = 86_400_000;
const START = Date.parse('2026-01-10T09:00:00.000Z');

/**
 * Memories are as memory writes them: only a model that extracts, or an agent that remembers, names a slot, and both write a
 * sentence that stands by itself. `as it was said` has the words of a talk instead ("We lost badly, but fencing on a Tuesday
 * keeps me sane").
 */
export const caseKinds = [
  'replaced',
  'told late',
  'said again in other words',
  'replaced, as it was said',
  'likes and hates',
  'likes and hates, no slot',
  'replaced, no slot',
] as const;
export type CaseKind = (typeof caseKinds)[number];

/** Two things said of one matter, and which of them is true when. */
export interface Case {
  readonly kind: CaseKind;
  readonly scope: ScopeRef;
  /** In the order in which they are written; the first few are of other matters. */
  readonly memories: readonly NewMemory[];
  readonly question: string;
  /** A time between the two. */
  readonly before: string;
  /** The texts that are right now and before. */
  readonly now: string;
  readonly former: string;
}

const topics: readonly Topic[] = [...topicsOfHome, ...topicsOfWork];

/** One case of each kind for every matter that changes, each in a scope of its own. */
export function casesFrom(random: Random): Case[] {
  return topics
    .filter(({ changed }) => changed !== undefined)
    .flatMap((topic) => caseKinds.map((kind) => caseOf(random, topic, kind)));
}

function caseOf(random: Random, topic: Topic, kind: CaseKind): Case {
  const scope: ScopeRef = { scope: 'user', id: `${topic.key}-${caseKinds.indexOf(kind)}` };
  const { former, now, question } = textsOf(random, topic, kind);
  const from = START + random.below(60) * DAY_MS;
  const to = from + (10 + random.below(60)) * DAY_MS;
  const slot = kind.endsWith('no slot') ? {} : { slot: topic.slot };
  const pair = [memoryOf(scope, former, from, slot), memoryOf(scope, now, to, slot)];
  const others = topics
    .filter(({ key }) => key !== topic.key)
    .map((other) => {
      const shapes = isAsSaid(kind) ? other.told : other.noted;
      const text = random.pick(shapes).replaceAll('{n}', 'The customer').replaceAll('{v}', random.pick(other.values));
      return memoryOf(scope, text, START - DAY_MS, { slot: other.slot });
    });
  return {
    kind,
    scope,
    memories: [...others, ...(kind === 'told late' ? pair.toReversed() : pair)],
    question,
    before: new Date((from + to) / 2).toISOString(),
    now,
    former,
  };
}

function memoryOf(scope: ScopeRef, text: string, from: number, slot: { readonly slot?: string }): NewMemory {
  return { scope, kind: 'fact', text, trust: 'person', validFrom: new Date(from).toISOString(), ...slot };
}

function textsOf(
  random: Random,
  { told, changed = told, noted, values, asked }: Topic,
  kind: CaseKind,
): Pick<Case, 'former' | 'now' | 'question'> {
  const [one = '', other = ''] = random.shuffled(values);
  const before = isAsSaid(kind) ? told : noted;
  const after = isAsSaid(kind) ? changed : noted;
  const [shape = '', otherShape = ''] = random.shuffled(before).map((text) => text.replaceAll('{n}', 'The customer'));
  const question = random.pick(asked).replaceAll('{n}', 'this customer');
  if (kind.startsWith('likes and hates')) {
    return { former: `He likes ${one}.`, now: `He hates ${one}.`, question: `What does he think of ${one}?` };
  }
  const former = shape.replaceAll('{v}', one);
  if (kind === 'said again in other words') return { former, now: otherShape.replaceAll('{v}', one), question };
  const now = random.pick(after).replaceAll('{n}', 'The customer').replaceAll('{v}', other);
  return { former, now, question };
}

/** Without a slot, too, texts may be of a talk: nothing has gone over them. */
function isAsSaid(kind: CaseKind): boolean {
  return kind === 'replaced, as it was said' || kind === 'replaced, no slot';
}
