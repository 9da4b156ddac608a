import { log } from '@temporalio/activity';
import { writerOf } from '../contracts/memory-policy.ts';
import { subjectScope } from '../contracts/memory.ts';
import type { Drop, MemoryWrite, NewMemory, Writer } from '../contracts/memory.ts';
import type { MemoryUpdate, Stages, UpdateMemoryInput } from '../contracts/stages.ts';
import type { TranscriptEntry } from '../contracts/transcript.ts';
import { createRuleExtractor, dropsOf, problemOf } from '../memory/index.ts';
import { agentOf } from './agent/agent-of.ts';
import type { StageDependencies } from './dependencies.ts';
import { loadTranscript } from './transcript/load-transcript.ts';
import { now, publish } from './transcript/publish.ts';
import { lessonsOf } from './remembering/promote-lessons.ts';
import { closeProgress, isOver, memoryIdOf } from './remembering/state-memory.ts';
import { atHome, turnMemories } from './remembering/turn-memories.ts';
import { turnSources } from './remembering/turn-sources.ts';

const rules = createRuleExtractor();
const LONGEST_TOLD = 120;

/**
 * Keeps what a turn was worth keeping: what follows from its record, what a model or else rules found in what was said,
 * and, where the task has succeeded, its lessons for later tasks. A second run writes the same memories.
 */
export function createUpdateMemory(dependencies: StageDependencies): Stages['updateMemory'] {
  return async function updateMemory(input) {
    const { task, record, turn } = input;
    const agent = agentOf(dependencies, record.agent);
    const writer = writerOf(agent.memory, record);
    const entries = await loadTranscript(dependencies, task, input.range);
    const annotating = new Set(
      agent.tools.flatMap(({ description }) => (description.annotates ? [description.name] : [])),
    );
    const memories = await memoriesOf(input, { entries, writer, annotating });
    const actor = { kind: 'agent' as const, id: record.agent };
    const remember = (given: readonly NewMemory[]) =>
      dependencies.memories.remember(task.tenant, given, actor, { prompt: agent.instructions, writer });
    const { storable, unusable } = sorted(memories);
    const writes = await remember(storable);
    const drops = [...(input.extraction?.unread ?? []), ...unusable, ...discardedIn(input)];
    if (drops.length > 0) await dependencies.memories.noteDrops(task.tenant, drops, actor);
    // What this turn has taught is among the lessons.
    const lessons = record.status === 'completed' ? await lessonsOf(dependencies.memories, record) : [];
    writes.push(...(lessons.length === 0 ? [] : await remember(lessons)));
    if (isOver(record)) await closeProgress(dependencies, record);
    const update = updateOf(input, { writes, memories: [...memories, ...lessons], unusable });
    if (input.extractionFailure !== undefined) {
      log.warn('a model did not extract all memories; rules take its place', {
        taskId: task.taskId,
        error: input.extractionFailure,
      });
    }
    const ids = new Set(update.written);
    const texts = memories.flatMap(({ id, text }) => (id !== undefined && ids.has(id) ? [text] : []));
    await publish(dependencies, task, { type: 'memory-updated', at: now(), turn, written: ids.size, texts });
    return update;
  };
}

/** One that cannot be stored costs itself only: an id that became too long, a text of nothing but controls. */
function sorted(memories: readonly NewMemory[]): {
  readonly storable: readonly NewMemory[];
  readonly unusable: readonly Drop[];
} {
  const checked = memories.map((memory) => ({ memory, reason: problemOf(memory) }));
  return {
    storable: checked.flatMap(({ memory, reason }) => (reason === undefined ? [memory] : [])),
    unusable: checked.flatMap(({ memory: { text, kind, scope, subject }, reason }) =>
      reason === undefined
        ? []
        : [{ rule: 'unusable', text, kind, scope, ...(subject === undefined ? {} : { subject }), reason }],
    ),
  };
}

/** What a model gave that is no memory. */
function discardedIn({ extraction, record: { taskId, subject } }: UpdateMemoryInput): Drop[] {
  const about = subject === undefined ? {} : { subject };
  return dropsOf(extraction?.discarded ?? [], { scope: subjectScope({ taskId, ...about }), ...about });
}

async function memoriesOf(
  input: UpdateMemoryInput,
  options: {
    readonly entries: readonly TranscriptEntry[];
    readonly writer: Writer;
    /** Names of tools whose results may say what is to be remembered. */
    readonly annotating: ReadonlySet<string>;
  },
): Promise<NewMemory[]> {
  const { entries, writer, annotating } = options;
  const { record, turn, extraction, observationSeq } = input;
  const extracted = extraction?.memories ?? [];
  const covered = new Set(extracted.flatMap(({ provenance }) => provenance?.seq ?? []));
  const noted = await notedIn(input, entries, { covered, annotating });
  const found = atHome([...extracted, ...noted], record, writer);
  const observed = entries.find((entry) => entry.kind === 'observation' && entry.seq === observationSeq);
  if (observed?.kind !== 'observation') return found;
  return [...turnMemories({ record, turn }, observed, { entries, extracted }), ...found];
}

/** What rules find in words of people, but where a model has found something there, and of tools that annotate. */
async function notedIn(
  { record, turn }: UpdateMemoryInput,
  entries: readonly TranscriptEntry[],
  { covered, annotating }: { readonly covered: ReadonlySet<number>; readonly annotating: ReadonlySet<string> },
): Promise<NewMemory[]> {
  const sources = turnSources(record.taskId, turn, entries);
  const fresh = sources.filter(({ trust, provenance }) => {
    if (provenance?.tool !== undefined) return annotating.has(provenance.tool);
    return trust !== 'person' || !covered.has(provenance?.seq ?? 0);
  });
  const { subject, taskId } = record;
  const target = { scope: { scope: 'task' as const, id: taskId }, ...(subject === undefined ? {} : { subject }) };
  const { memories } = await rules.extract(fresh, { ...target, idPrefix: memoryIdOf(record, `t${turn}:r`) });
  return [...memories];
}

function updateOf(
  { extraction, extractionFailure }: UpdateMemoryInput,
  {
    writes,
    memories,
    unusable,
  }: {
    readonly writes: readonly MemoryWrite[];
    readonly memories: readonly NewMemory[];
    readonly unusable: readonly Drop[];
  },
): MemoryUpdate {
  const textOf = new Map(memories.map(({ id, text }) => [id, text]));
  const away = writes.filter(({ change }) => change === 'dropped' || change === 'refused');
  const { discarded = [], unread = [] } = extraction ?? {};
  const failure =
    extractionFailure === undefined ? [] : [{ text: '(extraction by a model)', reason: extractionFailure }];
  return {
    written: writes.filter(({ change }) => change === 'added' || change === 'superseded').map(({ id }) => id),
    replaced: writes.flatMap(({ replaced }) => (replaced === undefined ? [] : [replaced])),
    discarded: [
      ...away.map(({ id, reason }) => ({ text: textOf.get(id) ?? id, reason })),
      ...discarded.map(({ item, reason }) => ({ text: item, reason })),
      ...unusable,
      ...unread,
      ...failure,
    ].map(({ text, reason }) => ({ text: text.slice(0, LONGEST_TOLD), reason })),
  };
}
