import { otherTasksReaderOf, readerOf, TASK_KINDS } from '../../contracts/memory-policy.ts';
import type { MemoryPolicy } from '../../contracts/memory-policy.ts';
import type { KindShare, RecallAngle, RecalledMemory, RecallQuery } from '../../contracts/memory-query.ts';
import type { MemoryKind } from '../../contracts/memory.ts';
import { memoryKinds, scopesOf } from '../../contracts/memory.ts';
import type { AssembleContextInput } from '../../contracts/stages.ts';
import type { TaskRecord } from '../../contracts/task-record.ts';
import type { TranscriptEntry } from '../../contracts/transcript.ts';
import { agentOf } from '../agent/agent-of.ts';
import type { StageDependencies } from '../dependencies.ts';

/** Markers and state of the task itself that every prompt carries. */
const OWN_PROGRESS = 12;
/** What did not work in tasks about the same subject. */
const FAILED_STRATEGIES = 4;
/** What the person prefers with whom an agent talks: it holds whatever the talk is about. */
const PREFERENCES = 8;
/** What binds the task. */
const BINDING_KINDS = ['constraint', 'preference'] as const satisfies readonly MemoryKind[];
/**
 * What is worth knowing beyond the moment, a share for each section of the prompt: a task that fails at the same thing
 * again and again remembers so many failures that nothing else would come. Its own progress comes by itself, and
 * documents are searched.
 */
const SECTIONS: readonly KindShare[] = [
  { kinds: BINDING_KINDS, most: Number.POSITIVE_INFINITY },
  { kinds: ['failed-strategy'], most: FAILED_STRATEGIES },
  { kinds: memoryKinds.filter(isOther), most: Number.POSITIVE_INFINITY },
];
/** Longest text of an angle, in characters: an embedding model reads little more. */
const LONGEST_ANGLE = 1_500;

/**
 * What a turn's prompt is given of memory, each once: the task's own progress, what did not work for this subject in
 * any task, and what bears on the goal, the newest input or the step at hand. Only what the agent was granted.
 */
export async function recallForTurn(
  dependencies: Pick<StageDependencies, 'memories' | 'agents'>,
  { task, agent, record, policy }: AssembleContextInput,
  entries: readonly TranscriptEntry[],
): Promise<RecalledMemory[]> {
  const { count: limit, minScore } = policy.recall;
  if (limit === 0) return [];
  const asked = questionsOf(agentOf(dependencies, agent).memory, {
    record: { ...record, agent },
    entries,
    talks: policy.plainAnswer === 'reply',
  });
  const shares = SECTIONS.map(({ kinds, most }) => ({ kinds, most: Math.min(limit, most) }));
  const found = await Promise.all([
    dependencies.memories.recall(task.tenant, { ...asked.own, limit: OWN_PROGRESS }),
    dependencies.memories.recall(task.tenant, { ...asked.relevant, shares, minScore }),
    ...asked.preferred.map((query) => dependencies.memories.recall(task.tenant, { ...query, limit: PREFERENCES })),
    ...asked.failed.map((query) => dependencies.memories.recall(task.tenant, { ...query, limit: FAILED_STRATEGIES })),
  ]);
  return [...new Map(found.flat().map((recalled) => [recalled.memory.id, recalled])).values()];
}

/** What is asked: without an angle the newest come, which needs no embedding. */
function questionsOf(
  policy: MemoryPolicy,
  {
    record,
    entries,
    talks,
  }: { readonly record: TaskRecord; readonly entries: readonly TranscriptEntry[]; readonly talks: boolean },
): Readonly<Record<'own' | 'relevant', RecallQuery> & Record<'failed' | 'preferred', readonly RecallQuery[]>> {
  const { subject } = record;
  const reader = readerOf(policy, record);
  const others = otherTasksReaderOf(policy, record);
  const angles = anglesOf(record, entries);
  const own = { text: '', scopes: [{ scope: 'task' as const, id: record.taskId }], kinds: TASK_KINDS, reader };
  return {
    own,
    relevant: { text: '', texts: angles, scopes: scopesOf(record), reader },
    preferred:
      talks && subject !== undefined
        ? [{ text: '', scopes: [{ scope: 'user', id: subject }], kinds: ['preference'], reader }]
        : [],
    failed: others?.scopes ? [{ text: '', scopes: others.scopes, kinds: ['failed-strategy'], reader: others }] : [],
  };
}

function isOther(kind: MemoryKind): boolean {
  return ![...BINDING_KINDS, ...TASK_KINDS, 'failed-strategy', 'passage'].includes(kind);
}

/** The newest input counts whole; goal and step stand for long, and would bring the same memories turn after turn. */
const ANGLE_WEIGHTS = { goal: 0.8, newest: 1, step: 0.9 };

/** What the present moment is about: the goal, the newest input, and the plan item at hand. */
export function anglesOf(
  { goal, plan }: Pick<TaskRecord, 'goal' | 'plan'>,
  entries: readonly TranscriptEntry[],
): RecallAngle[] {
  const item = plan.find(({ status }) => status === 'active') ?? plan.find(({ status }) => status === 'open');
  const newest = entries.findLast((entry) => entry.kind === 'message' || entry.kind === 'note');
  const angles = [
    { text: goal, weight: ANGLE_WEIGHTS.goal },
    { text: newest && 'text' in newest ? newest.text : '', weight: ANGLE_WEIGHTS.newest },
    { text: item?.title ?? '', weight: ANGLE_WEIGHTS.step },
  ].map(({ text, weight }) => ({ text: text.trim().slice(0, LONGEST_ANGLE), weight }));
  return angles.filter(({ text }, at) => text !== '' && angles.findIndex((other) => other.text === text) === at);
}
