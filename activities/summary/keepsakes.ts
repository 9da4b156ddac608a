import type { TranscriptEntry } from '../../contracts/transcript.ts';
import type { PlanItem } from '../../contracts/task.ts';
import { oneLine } from '../context/choose-lines.ts';
import type { Tokenizer } from '../context/tokenizer.ts';
import { identifiersIn } from './identifiers.ts';

/** Something that a summary must not lose. */
export interface Keepsake {
  /** As it is told to the model, and as it is added where the model goes on losing it. */
  readonly line: string;
  /** The summary keeps it if one of these stands in it, in any case. */
  readonly marks: readonly string[];
  /** Is it a name or number that a person gave? Questions and plan items are known from elsewhere. */
  readonly given?: true;
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

/** What must survive: every open question, every plan item, and the names and numbers that people gave, as far as fits. */
export function keepsakesOf(sources: KeepsakeSources, { count }: Tokenizer, budget: number): Keepsake[] {
  const { questions, plan, entries } = sources;
  const inOrder = [...questions.map(questionKeepsake), ...plan.toSorted(openFirst).map(planKeepsake)];
  const named = [
    ...entries.toReversed().flatMap(saidByPeople).flatMap(numberKeepsakes),
    ...entries.flatMap(keptBefore),
  ];
  const kept: Keepsake[] = [];
  let tokens = 0;
  for (const keepsake of [...inOrder, ...named]) {
    const cost = count(keepsake.line) + 1;
    if (kept.some(({ marks }) => marks[0] === keepsake.marks[0]) || tokens + cost > budget * SHARE) continue;
    kept.push(keepsake);
    tokens += cost;
  }
  return kept;
}

/** Does this text keep it? */
export function keeps(text: string, { marks }: Keepsake): boolean {
  const said = text.toLowerCase();
  return marks.some((mark) => said.includes(mark.toLowerCase()));
}

function questionKeepsake({ id, text }: { readonly id: string; readonly text: string }): Keepsake {
  return { line: short(`[${id}] open question: ${text}`), marks: [`[${id}]`, ...(text === '' ? [] : [oneLine(text)])] };
}

function planKeepsake({ id, title, status }: Pick<PlanItem, 'id' | 'title' | 'status'>): Keepsake {
  return {
    line: short(`[${id}] plan item, ${status}: ${title}`),
    marks: [`[${id}]`, ...(title === id ? [] : [oneLine(title)])],
  };
}

function openFirst(one: Pick<PlanItem, 'status'>, other: Pick<PlanItem, 'status'>): number {
  return Number(isOver(one)) - Number(isOver(other));
}

function isOver({ status }: Pick<PlanItem, 'status'>): boolean {
  return status === 'done' || status === 'skipped';
}

/** What a person or service wrote: as a message, or as the answer to a question. */
function saidByPeople(entry: TranscriptEntry): string[] {
  if (entry.kind === 'message') return [entry.text];
  return entry.kind === 'tool' && entry.outcome.status === 'ok' && entry.outcome.by !== undefined
    ? [entry.outcome.text]
    : [];
}

/** What the summary before was to keep, each with its sentence there. */
function keptBefore(entry: TranscriptEntry): Keepsake[] {
  if (entry.kind !== 'summary') return [];
  const sentences = sentencesOf(entry.text);
  return entry.kept.flatMap((mark) => {
    const sentence = sentences.find((candidate) => keeps(candidate, { line: '', marks: [mark] }));
    return sentence === undefined ? [] : [{ line: short(sentence), marks: [mark], given: true as const }];
  });
}

/** The identifiers of a text, each with the sentence in which it stands: alone it says nothing. */
function numberKeepsakes(text: string): Keepsake[] {
  return sentencesOf(text).flatMap((sentence) => {
    const [first, ...others] = identifiersIn(sentence);
    return first === undefined
      ? []
      : [first, ...others].map((mark) => ({ line: short(sentence), marks: [mark], given: true as const }));
  });
}

/** A text in sentences and lines. */
export function sentencesOf(text: string): string[] {
  return text
    .split(/(?<=[.!?])\s+|\n+/u)
    .map((line) => oneLine(line.replace(/^\s*[-*•]\s+/u, '')))
    .filter((sentence) => sentence !== '');
}

function short(line: string): string {
  const whole = oneLine(line);
  return whole.length <= LONGEST_LINE ? whole : `${whole.slice(0, LONGEST_LINE).toWellFormed()}…`;
}
