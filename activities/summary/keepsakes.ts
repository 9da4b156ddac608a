import type { TranscriptEntry } from '../../contracts/transcript.ts';
import type { PlanItem } from '../../contracts/task.ts';
import { oneLine } from '../context/choose-lines.ts';
import type { Tokenizer } from '../context/tokenizer.ts';
import { identifiersIn } from './identifiers.ts';
import { questionOf } from '../transcript/question-of.ts';
import { answerText, isAnswer, isBinding, sentencesOf, shareOf, wordsOf } from './statements.ts';

/** Something that a summary must not lose. */
export interface Keepsake {
  /** As it is told to the model, and as it is added where the model goes on losing it. */
  readonly line: string;
  /** The summary keeps it if, of one of these, every mark stands in it, in any case. */
  readonly alternatives: readonly (readonly string[])[];
  /** Without marks: the words of which a summary must have most. */
  readonly words?: ReadonlySet<string>;
  /** Names and numbers that a person gave. Questions and plan items are known from elsewhere. */
  readonly given?: readonly string[];
}

/** What there is to be kept, before it is known how much of it fits. */
export interface KeepsakeSources {
  readonly questions: readonly { readonly id: string; readonly text: string }[];
  readonly plan: readonly Pick<PlanItem, 'id' | 'title' | 'status'>[];
  /** The summary before this one, if there is one, among them. */
  readonly entries: readonly TranscriptEntry[];
}

/** Of a summary's budget, what must stand in it by name; the rest is the model's to fill. */
const SHARE = 0.5;
const LONGEST_LINE = 160;
/** Words of a statement that a paraphrase keeps. */
const PARAPHRASE = 0.6;
/** A statement so many of whose words stand in a later one is taken to be replaced by it. */
const REPLACED = 0.75;

/**
 * What must survive: every open question, every plan item, and what people answered, or said with binding words, names or numbers, as
 * far as it fits; a later statement about the same takes the place of an earlier one.
 */
export function keepsakesOf(sources: KeepsakeSources, { count }: Tokenizer, budget: number): Keepsake[] {
  const { questions, plan, entries } = sources;
  const inOrder = [...questions.map(questionKeepsake), ...plan.toSorted(openFirst).map(planKeepsake)];
  const kept: Keepsake[] = [];
  let tokens = 0;
  for (const keepsake of [...inOrder, ...statementsIn(entries)]) {
    const cost = count(keepsake.line) + 1;
    if (tokens + cost > budget * SHARE) continue;
    kept.push(keepsake);
    tokens += cost;
  }
  return kept;
}

/** Does this text keep it? */
export function keeps(text: string, { alternatives, words }: Keepsake): boolean {
  const said = text.toLowerCase();
  if (alternatives.some((marks) => marks.every((mark) => said.includes(mark.toLowerCase())))) return true;
  return words !== undefined && sentencesOf(text).some((sentence) => shareOf(words, wordsOf(sentence)) >= PARAPHRASE);
}

function questionKeepsake({ id, text }: { readonly id: string; readonly text: string }): Keepsake {
  const alternatives = [[`[${id}]`], ...(text === '' ? [] : [[oneLine(text)]])];
  return { line: short(`[${id}] open question: ${text}`), alternatives };
}

function planKeepsake({ id, title, status }: Pick<PlanItem, 'id' | 'title' | 'status'>): Keepsake {
  const alternatives = [[`[${id}]`], ...(title === id ? [] : [[oneLine(title)]])];
  return { line: short(`[${id}] plan item, ${status}: ${title}`), alternatives };
}

function openFirst(one: Pick<PlanItem, 'status'>, other: Pick<PlanItem, 'status'>): number {
  return Number(isOver(one)) - Number(isOver(other));
}

function isOver({ status }: Pick<PlanItem, 'status'>): boolean {
  return status === 'done' || status === 'skipped';
}

/**
 * What people said that counts: what answers a question or binds somebody before what only names something, of each the
 * newest first.
 */
function statementsIn(entries: readonly TranscriptEntry[]): Keepsake[] {
  const said = entries
    .toReversed()
    .flatMap((entry) => saidByPeople(entry, entries))
    .flatMap((text) => sentencesOf(text).toReversed());
  const found = [
    ...said.flatMap((sentence) => statement(sentence, identifiersIn(sentence))),
    ...entries.flatMap(keptBefore),
  ];
  const newest: { readonly keepsake: Keepsake; readonly words: ReadonlySet<string> }[] = [];
  for (const keepsake of found) {
    const words = wordsOf(keepsake.line);
    const same = newest.some(
      (later) => later.keepsake.line === keepsake.line || shareOf(words, later.words) >= REPLACED,
    );
    if (!same) newest.push({ keepsake, words });
  }
  const binds = ({ keepsake: { line } }: (typeof newest)[number]): boolean => isBinding(line) || isAnswer(line);
  const binding = newest.filter(binds);
  const naming = newest.filter((one) => !binds(one));
  return [...binding, ...naming].map(({ keepsake }) => keepsake);
}

/** What a person or service wrote: as a message, or as the answer to a question, which says nothing without it. */
function saidByPeople(entry: TranscriptEntry, entries: readonly TranscriptEntry[]): string[] {
  if (entry.kind === 'message') return [entry.text];
  if (entry.kind !== 'tool' || entry.outcome.status !== 'ok' || entry.outcome.by === undefined) return [];
  return [answerText(questionOf(entry, entries), entry.outcome.text)];
}

/** A sentence with identifiers is kept by them, one that binds somebody by its words, any other not at all. */
function statement(sentence: string, identifiers: readonly string[]): Keepsake[] {
  if (identifiers.length > 0)
    return [{ line: named(sentence, identifiers), alternatives: [identifiers], given: identifiers }];
  return isBinding(sentence) || isAnswer(sentence)
    ? [{ line: short(sentence), alternatives: [], words: wordsOf(sentence) }]
    : [];
}

/** A long sentence is shortened to its beginning and its identifiers. */
function named(sentence: string, identifiers: readonly string[]): string {
  const line = short(sentence);
  const cut = identifiers.filter((identifier) => !line.includes(identifier));
  return cut.length === 0 ? line : `${line} ${cut.join(', ')}`;
}

function keptBefore(entry: TranscriptEntry): Keepsake[] {
  if (entry.kind !== 'summary') return [];
  const given = new Set(entry.kept);
  return sentencesOf(entry.text)
    .filter((sentence) => !/^\[[^\]]+\] (?:open question|plan item)/.test(sentence))
    .flatMap((sentence) =>
      statement(
        sentence,
        identifiersIn(sentence).filter((identifier) => given.has(identifier)),
      ),
    );
}

function short(line: string): string {
  const whole = oneLine(line);
  return whole.length <= LONGEST_LINE ? whole : `${whole.slice(0, LONGEST_LINE).toWellFormed()}…`;
}
