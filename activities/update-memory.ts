import { createHash } from 'node:crypto';
import { uniqueTaskId } from '../contracts/ids.ts';
import type { NewMemory } from '../contracts/memory.ts';
import { subjectScope } from '../contracts/memory.ts';
import type { Stages, UpdateMemoryInput } from '../contracts/stages.ts';
import type { Observation, TranscriptEntry } from '../contracts/transcript.ts';
import type { StageDependencies } from './dependencies.ts';
import { loadTranscript } from './load-transcript.ts';
import { now, publish } from './publish.ts';

/** Longest text of a memory made here, in characters. */
const LONGEST = 2_000;

/**
 * Keeps what a turn was worth keeping: progress markers and the task's state, failed strategies, answers as facts, and
 * at the end the task as an episode. Ids follow from task, turn and ordinal, so a second run writes the same memories.
 */
export function createUpdateMemory(dependencies: StageDependencies): Stages['updateMemory'] {
  return async function updateMemory(input) {
    const { task, turn, observationSeq, record } = input;
    const entries = await loadTranscript(dependencies, task, { from: observationSeq, to: observationSeq });
    const found = entries.find((entry) => entry.kind === 'observation');
    if (!found) return { written: [], replaced: [], discarded: [] };
    const answers = await answersOf(dependencies, input, found.observation);
    const memories = memoriesOf(input, found, answers);
    const writes = await dependencies.memories.remember(task.tenant, memories, { kind: 'agent', id: record.agent });
    if (hasEnded(input)) await closeProgress(dependencies, input);
    const written = writes.filter(({ change }) => change === 'added' || change === 'superseded');
    const ids = new Set(written.map(({ id }) => id));
    const texts = memories.flatMap(({ id, text }) => (id !== undefined && ids.has(id) ? [text] : []));
    await publish(dependencies, task, { type: 'memory-updated', at: now(), turn, written: written.length, texts });
    const textOf = new Map(memories.map(({ id, text }) => [id, text]));
    return {
      written: [...ids],
      replaced: writes.flatMap(({ replaced }) => (replaced === undefined ? [] : [replaced])),
      discarded: writes
        .filter(({ change }) => change === 'dropped')
        .map(({ id, reason }) => ({ text: (textOf.get(id) ?? id).slice(0, 120), reason })),
    };
  };
}

async function answersOf(
  dependencies: StageDependencies,
  { task }: UpdateMemoryInput,
  { learned }: Observation,
): Promise<Map<number, string>> {
  const answers = new Map<number, string>();
  for (const { answerSeq } of learned) {
    const [entry] = await loadTranscript(dependencies, task, { from: answerSeq, to: answerSeq });
    if (entry?.kind === 'tool') answers.set(answerSeq, entry.outcome.text);
  }
  return answers;
}

function memoriesOf(
  input: UpdateMemoryInput,
  { observation, at, seq }: Extract<TranscriptEntry, { kind: 'observation' }>,
  answers: ReadonlyMap<number, string>,
): NewMemory[] {
  const { task, turn, record } = input;
  const taskScope = { scope: 'task' as const, id: task.taskId };
  const about = subjectScope(record);
  const shared = {
    validFrom: at,
    provenance: { taskId: task.taskId, turn, seq },
    ...(record.subject === undefined ? {} : { subject: record.subject }),
  };
  const markers = observation.markers.map(({ item, text }) => ({
    ...shared,
    scope: taskScope,
    kind: 'progress' as const,
    text,
    slot: `progress:${item}`,
    importance: 0.7,
    trust: 'model' as const,
  }));
  const failed = observation.failedStrategies.map(({ tool, arguments: raw, cause, retryWhen }) => ({
    ...shared,
    scope: about,
    kind: 'failed-strategy' as const,
    text: `${tool} did not work: ${cause} Try again only when ${retryWhen}.`,
    data: { tool, arguments: raw, cause, retryWhen },
    importance: 0.6,
    trust: 'tool' as const,
  }));
  const facts = observation.learned.map(({ question, answerSeq, by }) => ({
    ...shared,
    scope: about,
    kind: 'fact' as const,
    text: `${question} — ${by.id} answered: ${answers.get(answerSeq) ?? ''}`,
    slot: `answer:${createHash('sha256').update(question).digest('hex').slice(0, 24)}`,
    importance: 0.8,
    trust: 'person' as const,
  }));
  const state = {
    ...shared,
    scope: taskScope,
    kind: 'state' as const,
    text: stateText(input),
    slot: 'state',
    importance: 0.6,
  };
  const episode = hasEnded(input)
    ? [{ ...shared, scope: about, kind: 'episode' as const, text: episodeText(input), importance: 0.7 }]
    : [];
  return [...markers, ...failed, ...facts, state, ...episode].map((memory, ordinal) => ({
    ...memory,
    id: `${uniqueTaskId(task.taskId, record.startedAt)}:t${turn}:m${ordinal + 1}`,
    text: memory.text.slice(0, LONGEST),
  }));
}

/** The task's present state in a sentence; it changes only when the plan does. */
function stateText({ record }: UpdateMemoryInput): string {
  const done = record.plan.filter(({ status }) => status === 'done').length;
  const next =
    record.plan.find(({ status }) => status === 'active') ?? record.plan.find(({ status }) => status === 'open');
  const ending = hasEnded({ record }) ? ` It has ${record.status}.` : '';
  return `${record.goal} ${done} of ${record.plan.length} steps are done${next ? `; next: ${next.title}` : ''}.${ending}`;
}

function episodeText({ record }: UpdateMemoryInput): string {
  const steps = record.plan.map(({ title, status, note }) => `${title} (${note ?? status})`).join('; ');
  return `Task "${record.goal}" of agent ${record.agent} ${record.status} after ${record.turn} turns. ${steps}`;
}

function hasEnded({ record }: Pick<UpdateMemoryInput, 'record'>): boolean {
  return record.status === 'completed' || record.status === 'failed' || record.status === 'cancelled';
}

/** A progress marker lives with its task and closes with it. */
async function closeProgress({ memories }: StageDependencies, { task }: UpdateMemoryInput): Promise<void> {
  await memories.close(task.tenant, { scope: { scope: 'task', id: task.taskId }, kinds: ['progress', 'state'] });
}
