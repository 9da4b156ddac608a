import { createRandom } from '../support/random.ts';
import type { Random } from '../support/random.ts';
import type { Dialogue, Question, Session, Turn } from './dialogue.ts';
import type { Fact, Link } from './life.ts';
import { linksOf, livesOf } from './life.ts';
import { questionsAbout } from './questions.ts';
import { nearMiss, reaction, smallTalk } from './small-talk.ts';

const DAY_MS = 86_400_000;
const FIRST_DAY = Date.parse('2026-01-05T18:30:00.000Z');

export interface DialogueSize {
  readonly sessions: number;
  /** Topics that each of the two speaks of. */
  readonly topics: number;
  /** Turns of small talk and near misses a session, beside what is told. */
  readonly talk: number;
}

export const LONG: DialogueSize = { sessions: 20, topics: 13, talk: 14 };
export const SHORT: DialogueSize = { sessions: 8, topics: 6, talk: 8 };

/** Something a turn says, before it has a place. */
interface Told {
  readonly speaker: string;
  readonly text: string;
  readonly source?: Fact | Link;
  readonly part?: 'who' | 'deed';
}

/**
 * Two people who talk for months: what they tell changes, questions come with the turns that answer them, and most turns
 * answer nothing. The same seed gives the same dialogue; nothing here knows how memories are searched.
 */
export function generateDialogue(seed: number, size: DialogueSize = LONG): Dialogue {
  const random = createRandom(seed);
  const speakers = pairOf(random);
  const days = sessionDays(random, size.sessions);
  const lives = livesOf(random, { speakers, sessions: size.sessions, topics: size.topics });
  const links = linksOf(random, { speakers, sessions: size.sessions });
  const places = new Map<Fact | Link, string[]>();
  const sessions = days.map((at, index): Session => {
    const told = tellingsOf(index, { facts: lives.facts, links });
    const turns = conversation(random, { told, speakers, size, unused: lives.unusedValues });
    return { at: new Date(at).toISOString(), turns: placed(turns, index, places) };
  });
  const questions: Question[] = questionsAbout(random, { ...lives, links, speakers, days, places });
  return { id: `dialogue-${seed}`, sessions, questions };
}

const PAIRS = [
  ['Marta', 'Jonas'],
  ['Aisha', 'Ruben'],
  ['Nils', 'Carla'],
  ['Yuki', 'Daniel'],
  ['Sofia', 'Andrej'],
  ['Grace', 'Mateo'],
  ['Hana', 'Oscar'],
  ['Lena', 'Tariq'],
] as const;

function pairOf(random: Random): readonly [string, string] {
  return random.pick(PAIRS);
}

/** Some ten months, the time between two talks being from a week to a month. */
function sessionDays(random: Random, count: number): number[] {
  let day = random.below(20);
  return Array.from({ length: count }, () => {
    day += 7 + random.below(Math.max(1, Math.round((2 * 300) / count) - 14));
    return FIRST_DAY + day * DAY_MS;
  });
}

function tellingsOf(session: number, { facts, links }: { facts: readonly Fact[]; links: readonly Link[] }): Told[] {
  return [
    ...facts
      .filter((fact) => fact.session === session)
      .map((fact) => ({ speaker: fact.speaker, text: fact.text, source: fact })),
    ...links.flatMap((link) => [
      ...(link.introduced === session
        ? [{ speaker: link.speaker, text: link.who, source: link, part: 'who' as const }]
        : []),
      ...(link.done === session
        ? [{ speaker: link.speaker, text: link.deed, source: link, part: 'deed' as const }]
        : []),
    ]),
  ];
}

/** News in a random order, each with a reaction, between talk that answers nothing. */
function conversation(
  random: Random,
  options: {
    readonly told: readonly Told[];
    readonly speakers: readonly [string, string];
    readonly size: DialogueSize;
    readonly unused: readonly string[];
  },
): Told[] {
  const { told, speakers, size, unused } = options;
  const news = told.map((tell): Told[] => {
    const listener = speakers[0] === tell.speaker ? speakers[1] : speakers[0];
    return [tell, { speaker: listener, text: reaction(random, tell.speaker) }];
  });
  const talk = Array.from({ length: size.talk }, (): Told[] => {
    const speaker = random.pick(speakers);
    const near = random.next() < 0.3 && unused.length > 0;
    return [{ speaker, text: near ? nearMiss(random, random.pick(unused)) : smallTalk(random) }];
  });
  return random.shuffled([...news, ...talk]).flat();
}

/** Gives each turn its id, and notes where each fact was told. */
function placed(turns: readonly Told[], session: number, places: Map<Fact | Link, string[]>): Turn[] {
  return turns.map(({ speaker, text, source, part }, at) => {
    const id = `D${session + 1}:${at + 1}`;
    if (source) {
      const known = places.get(source) ?? [];
      places.set(source, part === 'who' ? [id, ...known] : [...known, id]);
    }
    return { id, speaker, text };
  });
}
