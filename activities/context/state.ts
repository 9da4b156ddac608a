import type { RecalledMemory } from '../../contracts/memory-query.ts';
import type { TaskRecord } from '../../contracts/task-record.ts';
import type { Question } from '../../contracts/requests.ts';
import type { PlanItem } from '../../contracts/task.ts';
import type { RankedLine } from './choose-lines.ts';
import { chooseLines, oneLine } from './choose-lines.ts';
import { cutText } from './cut-text.ts';
import type { Section } from './section.ts';
import { roomFor, textSection } from './section.ts';
import type { Tokenizer } from './tokenizer.ts';

/** Where a task stands, as the section of the task state tells it. */
export interface StateParts {
  readonly record: TaskRecord;
  /** ISO time of this turn. */
  readonly at: string;
  /** What the task still waits for while it goes on. */
  readonly questions: readonly Question[];
  /** What is new since the last turn, a sentence each. */
  readonly changes: readonly string[];
}

interface StateLine extends RankedLine {
  readonly what: string;
}

/** Characters of the note of a plan item that is over: notes become shorter before items are left out. */
const NOTE_LENGTHS = [1_000, 240, 80, 0];
/** Of the budget, what one line may take. */
const LARGEST_SHARE = 0.5;

const MARKS: Readonly<Record<PlanItem['status'], string>> = { open: '[ ]', active: '[>]', done: '[x]', skipped: '[-]' };
/** What is at hand matters most; of what is over, the newest. */
const PLAN_RANKS: Readonly<Record<PlanItem['status'], number>> = { active: 10, open: 11, done: 12, skipped: 13 };

/** Goal, time, what is new, what is waited for, and the plan. What does not fit is left out by rank, whole lines. */
export function stateSection(
  parts: StateParts,
  { tokenizer, budget }: { readonly tokenizer: Tokenizer; readonly budget: number },
): Section {
  const longest = Math.floor(budget * LARGEST_SHARE);
  const told = NOTE_LENGTHS.map((noteLength) => {
    const lines = linesOf(parts, noteLength).map((line) => ({ ...line, text: cutText(line.text, tokenizer, longest) }));
    return chooseLines(lines, joined, tokenizer, roomFor(budget));
  });
  const { text = '', left = [] } = told.find((one) => one.left.length === 0) ?? told.at(-1) ?? {};
  return textSection('state', text, { tokenizer, left: left.map(({ what }) => ({ what, why: 'budget' as const })) });
}

/** Does the state say already what this memory of the task's own progress says? */
export function isTold({ memory }: RecalledMemory, { record }: StateParts, { messages }: Section): boolean {
  if (memory.provenance.taskId !== record.taskId) return false;
  if (memory.kind === 'state') return true;
  if (memory.kind !== 'progress') return false;
  const said = messages.map(({ content }) => content).join('\n');
  return record.plan.some(
    ({ title, note }) =>
      note !== undefined && memory.text.includes(note) && said.includes(`${oneLine(title)} | ${oneLine(note)}`),
  );
}

function joined(lines: readonly StateLine[]): string {
  return lines.map(({ text }) => text).join('\n');
}

function linesOf({ record, at, questions, changes }: StateParts, noteLength: number): StateLine[] {
  const { goal, subject, turn, startedAt, plan } = record;
  return [
    { rank: 0, what: 'the goal', text: `Goal: ${oneLine(goal)}` },
    ...(subject === undefined ? [] : [{ rank: 2, what: 'the subject', text: `Subject: ${subject}` }]),
    { rank: 1, what: 'the time', text: `Now: ${at}. Turn ${turn}; started ${startedAt}.` },
    ...changes.map((change) => ({ rank: 3, what: 'a change', text: `New: ${oneLine(change)}` })),
    ...questions.map((question) => ({
      rank: 4,
      what: `question ${question.id}`,
      text: `Waits for an answer, ${question.id}${question.for === undefined ? '' : ` for ${question.for}`}, asked ${question.askedAt}: ${oneLine(question.text)}`,
    })),
    ...(plan.length === 0 ? [] : [{ rank: 9, what: 'the plan’s heading', text: 'Plan:' }]),
    ...plan.map((item, index) => planLine(item, { place: index / plan.length, noteLength })),
  ];
}

/** @param how `place`: from 0 (first of the plan) to 1 (last) */
function planLine(
  { id, title, status, note = '', doneWhen, after = [] }: PlanItem,
  { place, noteLength }: { readonly place: number; readonly noteLength: number },
): StateLine {
  const over = status === 'done' || status === 'skipped';
  return {
    rank: PLAN_RANKS[status] + (over ? 1 - place : place) / 2,
    what: `plan item ${id} (${status})`,
    text: `- ${MARKS[status]} ${id} | ${oneLine(title)} | ${shortened(oneLine(note), over ? noteLength : 1_000)}${over ? '' : conditions(doneWhen, after)}`.trimEnd(),
  };
}

/** What a step that is not over waits for, and when it is done. */
function conditions(doneWhen: string | undefined, after: readonly string[]): string {
  const parts = [
    ...(doneWhen === undefined ? [] : [`done when: ${oneLine(doneWhen)}`]),
    ...(after.length === 0 ? [] : [`after: ${after.join(', ')}`]),
  ];
  return parts.length === 0 ? '' : ` (${parts.join('; ')})`;
}

function shortened(text: string, length: number): string {
  if (text.length <= length) return text;
  return length === 0 ? '' : `${text.slice(0, length).toWellFormed()}…`;
}
