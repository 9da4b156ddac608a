import type { Random } from '../support/random.ts';
import { DEEDS, PEOPLE, RELATIONS } from './links.ts';
import type { Topic } from './topic.ts';
import { topicsOfHome } from './topics-of-home.ts';
import { topicsOfWork } from './topics-of-work.ts';

/** Half of what is told, and of what is asked about it. */
const PLAIN = 0.5;

/** A value that somebody tells in one session; `changes` says how many values of the topic came before. */
export interface Fact {
  readonly topic: Topic;
  readonly speaker: string;
  readonly value: string;
  readonly session: number;
  readonly changes: number;
  readonly text: string;
}

/** Who somebody is, told in one session, and what that person did, told in a later one. */
export interface Link {
  readonly speaker: string;
  readonly who: string;
  readonly deed: string;
  readonly question: string;
  readonly introduced: number;
  readonly done: number;
}

export interface Lives {
  readonly facts: readonly Fact[];
  /** Topics that the speaker, by name, never speaks of. */
  readonly untold: ReadonlyMap<string, readonly Topic[]>;
  /** Values that nobody tells of themselves. */
  readonly unusedValues: readonly string[];
}

interface Plan {
  readonly speakers: readonly [string, string];
  readonly sessions: number;
  readonly topics: number;
}

/** What each speaker tells, and when. */
export function livesOf(random: Random, { speakers, sessions, topics: count }: Plan): Lives {
  const topics = [...topicsOfHome, ...topicsOfWork];
  const values = new Map(topics.map((topic) => [topic.key, random.shuffled(topic.values)]));
  const untold = new Map<string, Topic[]>();
  const facts = speakers.flatMap((speaker) => {
    const order = random.shuffled(topics);
    untold.set(speaker, order.slice(count));
    return order.slice(0, count).flatMap((topic) => {
      const own = values.get(topic.key) ?? [];
      return tellings(random, { topic, speaker, values: own, sessions });
    });
  });
  return { facts, untold, unusedValues: [...values.values()].flat() };
}

/** One to three values over the sessions, in order; takes them from `values`, so that no two people tell the same. */
function tellings(
  random: Random,
  options: {
    readonly topic: Topic;
    readonly speaker: string;
    readonly values: string[];
    readonly sessions: number;
  },
): Fact[] {
  const { topic, speaker, values, sessions } = options;
  const wanted = topic.changed ? 1 + random.below(3) : 1;
  const times = random
    .shuffled(Array.from({ length: sessions }, (_, at) => at))
    .slice(0, wanted)
    .sort((one, other) => one - other);
  return times.flatMap((session, changes) => {
    const value = values.pop();
    if (value === undefined) return [];
    const shapes = changes > 0 ? (topic.changed ?? topic.told) : topic.told;
    const text = plainOr(random, topic.plain.told, shapes).replaceAll('{v}', value);
    return [{ topic, speaker, value, session, changes, text }];
  });
}

/** Plain words, or some of the others. */
export function plainOr(random: Random, plain: string, others: readonly string[]): string {
  return random.next() < PLAIN ? plain : random.pick(others);
}

/** Two persons a speaker, each with a deed. */
export function linksOf(
  random: Random,
  { speakers, sessions }: { readonly speakers: readonly [string, string]; readonly sessions: number },
): Link[] {
  const people = random.shuffled(PEOPLE);
  const deeds = random.shuffled(DEEDS);
  return speakers.flatMap((speaker) => {
    const relations = random.shuffled(RELATIONS);
    return relations.slice(0, 3).flatMap((relation) => {
      const [person, deed] = [people.pop(), deeds.pop()];
      if (person === undefined || deed === undefined) return [];
      const introduced = random.below(sessions - 1);
      return [
        {
          speaker,
          who: relation.told.replaceAll('{p}', person),
          deed: deed.told.replaceAll('{p}', person),
          question: deed.asked.replace('{r}', relation.asked.replace('{n}', speaker)),
          introduced,
          done: introduced + 1 + random.below(sessions - 1 - introduced),
        },
      ];
    });
  });
}
