import { createHash } from 'node:crypto';
import { homeOf } from '../../contracts/memory-policy.ts';
import type { NewMemory, TaskScopes, Writer } from '../../contracts/memory.ts';
import { subjectScope } from '../../contracts/memory.ts';
import type { UpdateMemoryInput } from '../../contracts/stages.ts';
import type { TaskRecord } from '../../contracts/task-record.ts';
import type { Observation, TranscriptEntry } from '../../contracts/transcript.ts';
import { shareOf, wordsOf } from '../summary/statements.ts';
import { inPieces } from '../../memory/index.ts';
import { isOver, LONGEST_RECORD, memoryIdOf, stateMemory } from './state-memory.ts';

type ObservationEntry = Extract<TranscriptEntry, { kind: 'observation' }>;
type Unnamed = Omit<NewMemory, 'id'>;

/** Of a question's words, those that tell what an answer is about. */
const QUESTION_KEPT = 0.6;

/**
 * What follows from a turn's record without anybody's judgement: markers, what did not work, answers, the state, and at
 * the end the task as an episode. Ids follow from workflow id, turn and ordinal.
 * @param extracted what a model has found in the same entries
 */
export function turnMemories(
  { record, turn }: Pick<UpdateMemoryInput, 'record' | 'turn'>,
  { observation, at, seq }: ObservationEntry,
  { entries, extracted }: { readonly entries: readonly TranscriptEntry[]; readonly extracted: readonly NewMemory[] },
): NewMemory[] {
  const shared = {
    validFrom: at,
    provenance: { taskId: record.taskId, turn, seq },
    ...(record.subject === undefined ? {} : { subject: record.subject }),
  };
  const learned = observation.learned.filter((answer) => !isKept(answer, extracted));
  const made: Unnamed[] = [
    ...observation.markers.map((marker) => ({ ...shared, ...markerMemory(record, marker) })),
    ...observation.failedStrategies.map((failed) => ({ ...shared, ...failedMemory(record, failed) })),
    ...learned.map((answer) => ({ ...shared, ...answerMemory(record, answer, entries) })),
    { ...stateMemory(record, at), provenance: shared.provenance },
    ...(isOver(record) ? [{ ...shared, ...episodeMemory(record) }] : []),
  ];
  return made.flatMap((memory, ordinal) => {
    const named = { ...memory, id: memoryIdOf(record, `t${turn}:m${ordinal + 1}`) };
    // What a person answered is kept whole, in as many pieces as that takes; the rest tells of the task, and is brief.
    return memory.trust === 'person' ? inPieces(named) : [{ ...named, text: memory.text.slice(0, LONGEST_RECORD) }];
  });
}

/**
 * Does what a model found in an answer say what it is an answer to? "Yes", or "Mrs. Okafor signs it", is found by nobody
 * who asks later.
 */
function isKept({ question, answerSeq }: Observation['learned'][number], extracted: readonly NewMemory[]): boolean {
  const asked = wordsOf(question);
  return extracted.some(
    ({ provenance, text }) => provenance?.seq === answerSeq && shareOf(asked, wordsOf(text)) >= QUESTION_KEPT,
  );
}

function markerMemory(record: TaskRecord, { item, text }: Observation['markers'][number]): Unnamed {
  return {
    scope: { scope: 'task', id: record.taskId },
    kind: 'progress',
    text,
    slot: `progress:${item}`,
    importance: 0.7,
    trust: 'model',
    data: { item },
  };
}

/** It stays with the task until that has succeeded; the same call failing again takes its place. */
function failedMemory(record: TaskRecord, failed: Observation['failedStrategies'][number]): Unnamed {
  const { tool, arguments: raw, cause, retryWhen } = failed;
  return {
    scope: { scope: 'task', id: record.taskId },
    kind: 'failed-strategy',
    text: `Tried ${tool} ${raw}, which did not work: ${cause} Try again only when ${retryWhen}.`,
    slot: `tried:${tool}:${digestOf(raw)}`,
    data: { tool, arguments: raw, cause, retryWhen },
    importance: 0.6,
    trust: 'tool',
  };
}

function answerMemory(
  record: TaskRecord,
  { question, answerSeq, by }: Observation['learned'][number],
  entries: readonly TranscriptEntry[],
): Unnamed {
  const answer = entries.find(({ seq }) => seq === answerSeq);
  const text = answer?.kind === 'tool' ? answer.outcome.text : '';
  return {
    scope: subjectScope(record),
    kind: 'fact',
    text: `${question} — ${by.id} answered: ${text}`,
    slot: `answer:${digestOf(question)}`,
    importance: 0.8,
    trust: 'person',
  };
}

function episodeMemory(record: TaskRecord): Unnamed {
  const steps = record.plan.map(({ title, status, note }) => `${title} (${note ?? status})`).join('; ');
  return {
    scope: subjectScope(record),
    kind: 'episode',
    text: `Task "${record.goal}" of agent ${record.agent} ${record.status} after ${record.turn} turns. ${steps}`,
    importance: 0.7,
  };
}

/** What a model or rules found, where it belongs: with the subject, and a lesson with the task. */
export function atHome(found: readonly NewMemory[], task: TaskScopes, writer: Writer): NewMemory[] {
  return found.map((memory) => ({ ...memory, scope: homeOf(memory.kind, task, writer) }));
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 24);
}
