import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { Dialogue, Question, QuestionKind, Session } from './dialogue.ts';

/** LoCoMo's categories, by the numbers in its file. */
const CATEGORIES: Readonly<Record<number, QuestionKind>> = {
  1: 'multi-hop',
  2: 'temporal',
  3: 'open',
  4: 'single-hop',
  5: 'unanswerable',
};

const turnSchema = z.object({ speaker: z.string(), dia_id: z.string(), text: z.string().default('') });
const questionSchema = z.object({
  question: z.string(),
  evidence: z.array(z.string()).default([]),
  category: z.number(),
});
const sampleSchema = z.object({
  sample_id: z.string(),
  conversation: z.record(z.string(), z.unknown()),
  qa: z.array(questionSchema),
});
type Sample = z.infer<typeof sampleSchema>;

/**
 * The dialogues of LoCoMo's published file (`locomo10.json`), which its licence forbids to ship.
 * @throws Error naming the file, where it cannot be read or is something else
 */
export async function loadLocomo(path: string): Promise<Dialogue[]> {
  const text = await readFile(path, 'utf8');
  const samples = z.array(sampleSchema).safeParse(parsedJson(text));
  if (!samples.success) {
    throw new Error(`${path} is not LoCoMo's file: ${z.prettifyError(samples.error)}. Give the path of locomo10.json.`);
  }
  return samples.data.map(dialogueOf);
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function dialogueOf({ sample_id: id, conversation, qa }: Sample): Dialogue {
  const sessions = sessionsOf(conversation);
  const known = new Set(sessions.flatMap(({ turns }) => turns.map((turn) => turn.id)));
  return { id, sessions, questions: qa.flatMap((asked) => questionOf(asked, known)) };
}

/** `session_1`, `session_2`, …, each with its turns, beside `session_1_date_time`, … */
function sessionsOf(conversation: Sample['conversation']): Session[] {
  const numbers = Object.keys(conversation).flatMap((key) => /^session_(\d+)$/.exec(key)?.[1] ?? []);
  return numbers
    .map(Number)
    .sort((one, other) => one - other)
    .flatMap((number) => {
      const turns = z.array(turnSchema).parse(conversation[`session_${number}`]);
      if (turns.length === 0) return [];
      const at = timeOf(z.string().parse(conversation[`session_${number}_date_time`]));
      return [{ at, turns: turns.map(({ speaker, dia_id: turnId, text }) => ({ id: turnId, speaker, text })) }];
    });
}

/** From its form `1:56 pm on 8 May, 2023`. */
function timeOf(text: string): string {
  const [time = '', day = ''] = text.split(' on ');
  const parsed = Date.parse(`${day} ${time} UTC`);
  if (Number.isNaN(parsed)) throw new Error(`"${text}" is not a time as LoCoMo writes it, e.g. 1:56 pm on 8 May, 2023`);
  return new Date(parsed).toISOString();
}

/** A few of its evidences hold several ids in one string, or ids of no turn; a question without any is left out. */
function questionOf(
  { question, evidence, category }: z.infer<typeof questionSchema>,
  known: ReadonlySet<string>,
): Question[] {
  const kind = CATEGORIES[category] ?? 'open';
  const ids = evidence.flatMap((text) => text.split(/[\s;,]+/)).filter((id) => known.has(id));
  const unanswerable = kind === 'unanswerable';
  if (ids.length === 0 && !unanswerable) return [];
  return [{ text: question, kind, evidence: unanswerable ? [] : [...new Set(ids)] }];
}
