import type { Random } from '../support/random.ts';
import type { Question } from './dialogue.ts';
import { plainOr } from './life.ts';
import type { Fact, Link, Lives } from './life.ts';
import type { Topic } from './topic.ts';

const DAY_MS = 86_400_000;

/** What questions are made from. */
interface Told extends Lives {
  readonly links: readonly Link[];
  readonly speakers: readonly [string, string];
  /** When each session was, in milliseconds. */
  readonly days: readonly number[];
  /** Ids of the turns in which something was told. */
  readonly places: ReadonlyMap<Fact | Link, readonly string[]>;
}

/** Questions about everything that was told, and some about what was not. */
export function questionsAbout(random: Random, told: Told): Question[] {
  const threads = threadsOf(told.facts);
  return [
    ...threads.flatMap((thread) => aboutThread(random, thread, told)),
    ...told.links.map((link): Question => {
      return { text: link.question, kind: 'multi-hop', evidence: told.places.get(link) ?? [] };
    }),
    ...told.speakers.flatMap((speaker) => unanswerable(random, speaker, told)),
  ];
}

/** The values of one topic of one speaker, oldest first. */
function threadsOf(facts: readonly Fact[]): Fact[][] {
  const threads = new Map<string, Fact[]>();
  for (const fact of facts) {
    const key = `${fact.speaker}|${fact.topic.key}`;
    threads.set(key, [...(threads.get(key) ?? []), fact]);
  }
  return [...threads.values()];
}

function aboutThread(random: Random, thread: readonly Fact[], told: Told): Question[] {
  const last = thread.at(-1);
  if (!last) return [];
  const turns = (facts: readonly Fact[]): string[] => facts.flatMap((fact) => told.places.get(fact) ?? []);
  const { plain, asked: others } = last.topic;
  const text = asked(random, [plainOr(random, plain.asked, others)], last);
  const now: Question = { text, kind: 'single-hop', evidence: turns([last]) };
  return [
    now,
    ...whenTold(random, thread, turns),
    ...beforeChange(random, thread, { turns, days: told.days }),
    ...(thread.length > 1 && last.topic.askedAll
      ? [{ text: asked(random, last.topic.askedAll, last), kind: 'multi-hop' as const, evidence: turns(thread) }]
      : []),
  ];
}

type TurnsOf = (facts: readonly Fact[]) => string[];

/** One value of the thread, asked for its time. */
function whenTold(random: Random, thread: readonly Fact[], turns: TurnsOf): Question[] {
  const fact = random.pick(thread);
  const { when } = fact.topic;
  return when ? [{ text: asked(random, when, fact), kind: 'temporal', evidence: turns([fact]) }] : [];
}

/** A value that another one followed, asked for a day between the two. */
function beforeChange(
  random: Random,
  thread: readonly Fact[],
  { turns, days }: { readonly turns: TurnsOf; readonly days: readonly number[] },
): Question[] {
  return thread.slice(0, -1).flatMap((fact, at) => {
    const next = thread[at + 1];
    const [from = 0, to = 0] = [days[fact.session], days[next?.session ?? 0]];
    const { askedThen } = fact.topic;
    if (!askedThen || to - from < 2 * DAY_MS) return [];
    const day = new Date(from + DAY_MS + random.next() * (to - from - 2 * DAY_MS));
    const date = day.toLocaleDateString('en', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' });
    const text = asked(random, askedThen, fact).replace('{d}', date);
    return [{ text, kind: 'as-of', evidence: turns([fact]), asOf: day.toISOString() }];
  });
}

/** Of what the speaker never told, though the other may have; and of things nobody would. */
function unanswerable(random: Random, speaker: string, { untold }: Told): Question[] {
  const nothing = { kind: 'unanswerable' as const, evidence: [] };
  const topics: readonly Topic[] = random.shuffled(untold.get(speaker) ?? []).slice(0, 3);
  return [
    ...topics.map((topic) => ({ ...nothing, text: random.pick(topic.asked).replaceAll('{n}', speaker) })),
    ...random
      .shuffled(FOREIGN)
      .slice(0, 2)
      .map((text) => ({ ...nothing, text: text.replace('{n}', speaker) })),
  ];
}

const FOREIGN = [
  'What is the maximum torque of the gearbox in the manual?',
  'Which clause of the treaty governs fishing quotas?',
  'How many chromosomes does a newt have?',
  'What did {n} say about the bankruptcy of the insurer?',
  'Which satellite does {n} operate?',
  'How is the kernel scheduler configured on the cluster?',
] as const;

function asked(random: Random, shapes: readonly string[], { speaker, value }: Fact): string {
  return random.pick(shapes).replaceAll('{n}', speaker).replaceAll('{v}', value);
}
