import type { RecallQuery } from '../contracts/memory-query.ts';
import { ensureEmbeddingModel } from '../local/index.ts';
import { connectRedis, createMemoryStore } from '../memory/index.ts';
import type { RedisMemoryStore } from '../memory/index.ts';
import { createLocalEmbeddings } from '../models/index.ts';
import type { Benchmark, Figures } from './benchmark.ts';
import { atLeast, atMost } from './benchmark.ts';
import { caseKinds, casesFrom } from './contradiction/cases.ts';
import type { Case, CaseKind } from './contradiction/cases.ts';
import { mean, percent } from './retrieval/scores.ts';
import { withKeptVectors } from './support/kept-vectors.ts';
import { createRandom } from './support/random.ts';

const TENANT = 'contradiction';
const LIMIT = 10;
const actor = { kind: 'service', id: 'bench' } as const;
/** Those that are written as memory writes; the goals are of them. */
const WRITTEN: readonly CaseKind[] = ['replaced', 'told late', 'said again in other words', 'likes and hates'];
/** Those that a slot decides; without one, the store can only keep both. */
const DECIDED: readonly CaseKind[] = [...WRITTEN, 'replaced, as it was said'];

/** Old and new values: what is recalled now, and what for a time before the change. */
export const contradiction: Benchmark = {
  about: 'whether now gives the new value and as-of the old one, also for paraphrases, late news and opposites',
  run: async ({ quick, say }, servers) => {
    const random = createRandom(5);
    const cases = Array.from({ length: quick ? 1 : 3 }, () => casesFrom(random)).flatMap((round, at) =>
      round.map((one) => inRound(one, at)),
    );
    const embedder = withKeptVectors(await createLocalEmbeddings(await ensureEmbeddingModel({ say })));
    const redis = connectRedis({ url: servers.redisUrl });
    try {
      const store = createMemoryStore({ redis, embedder });
      const outcomes: CaseOutcome[] = [];
      for (const kind of caseKinds) {
        say(`contradiction: ${kind}`);
        for (const one of cases.filter((other) => other.kind === kind)) outcomes.push(await tryOut(store, one));
      }
      return { figures: figuresOf(outcomes), goals: goalsOf(outcomes) };
    } finally {
      redis.disconnect();
    }
  },
};

/** Rounds draw other values; their scopes must not meet. */
function inRound(one: Case, round: number): Case {
  const scope = { ...one.scope, id: `${one.scope.id}-${round}` };
  return { ...one, scope, memories: one.memories.map((memory) => ({ ...memory, scope })) };
}

/** Which of the two texts came back. */
interface Came {
  readonly right: boolean;
  readonly wrong: boolean;
  /** The right one came before the wrong one, which may have come as well. */
  readonly rightFirst: boolean;
}

interface CaseOutcome {
  readonly kind: CaseKind;
  readonly now: Came;
  readonly former: Came;
  /** Both can still be read, whichever holds. */
  readonly bothKept: boolean;
}

async function tryOut(store: RedisMemoryStore, one: Case): Promise<CaseOutcome> {
  for (const memory of one.memories) await store.remember(TENANT, [memory], actor);
  const query = { text: one.question, scopes: [one.scope], limit: LIMIT };
  const textsOf = async (more: Partial<RecallQuery>): Promise<string[]> => {
    const recalled = await store.recall(TENANT, { ...query, ...more });
    return recalled.map(({ memory }) => memory.text);
  };
  const [now, former] = [await textsOf({}), await textsOf({ asOf: one.before })];
  const all = await textsOf({ text: '', includeClosed: true, limit: 100 });
  return {
    kind: one.kind,
    now: cameOf(now, one.now, one.former),
    former: cameOf(former, one.former, one.now),
    bothKept: all.includes(one.now) && all.includes(one.former),
  };
}

function cameOf(texts: readonly string[], right: string, wrong: string): Came {
  const [at, other] = [texts.indexOf(right), texts.indexOf(wrong)];
  return { right: at >= 0, wrong: other >= 0, rightFirst: at >= 0 && (other < 0 || at < other) };
}

function figuresOf(outcomes: readonly CaseOutcome[]): Figures {
  return Object.fromEntries(
    caseKinds.map((kind): [string, Figures] => {
      const own = outcomes.filter((outcome) => outcome.kind === kind);
      return [
        kind,
        {
          cases: own.length,
          nowRight: share(own, ({ now }) => now.right),
          nowWrong: share(own, ({ now }) => now.wrong),
          nowRightFirst: share(own, ({ now }) => now.rightFirst),
          thenRight: share(own, ({ former }) => former.right),
          thenWrong: share(own, ({ former }) => former.wrong),
          bothKept: share(own, ({ bothKept }) => bothKept),
        },
      ];
    }),
  );
}

function goalsOf(outcomes: readonly CaseOutcome[]) {
  const written = outcomes.filter(({ kind }) => WRITTEN.includes(kind));
  const decided = outcomes.filter(({ kind }) => DECIDED.includes(kind));
  return {
    'the new value comes now, %': atLeast(
      95,
      share(written, ({ now }) => now.right),
    ),
    'the old value comes for its time, %': atLeast(
      95,
      share(written, ({ former }) => former.right),
    ),
    'a value that does not hold comes now, %': atMost(
      0,
      share(decided, ({ now }) => now.wrong),
    ),
    'a value that did not hold comes for that time, %': atMost(
      0,
      share(outcomes, ({ former }) => former.wrong),
    ),
    'both can still be read, %': atLeast(
      100,
      share(outcomes, ({ bothKept }) => bothKept),
    ),
  };
}

function share(outcomes: readonly CaseOutcome[], holds: (outcome: CaseOutcome) => boolean): number {
  return percent(mean(outcomes.map((outcome) => (holds(outcome) ? 1 : 0))));
}
