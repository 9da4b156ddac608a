import { uniqueTaskId } from '../../contracts/ids.ts';
import type { IsoTime } from '../../contracts/json.ts';
import type { NewMemory } from '../../contracts/memory.ts';
import type { TaskRecord } from '../../contracts/task-record.ts';
import type { StageDependencies } from '../dependencies.ts';

/** Longest text of a memory made from a task's record, in characters. */
export const LONGEST_RECORD = 2_000;

/** Where a task stands, in a sentence: one memory a task, a newer one taking the place of the older. */
export function stateMemory(record: TaskRecord, at: IsoTime): Omit<NewMemory, 'id'> {
  const { taskId, subject, turn, status } = record;
  const item = itemAtHand(record);
  return {
    scope: { scope: 'task', id: taskId },
    kind: 'state',
    slot: 'task:state',
    text: stateText(record).slice(0, LONGEST_RECORD),
    importance: 0.6,
    validFrom: at,
    provenance: { taskId, turn },
    data: { status, ...(item === undefined ? {} : { item: item.id }) },
    ...(subject === undefined ? {} : { subject }),
  };
}

function stateText(record: TaskRecord): string {
  const { goal, plan, status, waitingFor } = record;
  const done = plan.filter((item) => item.status === 'done').map(({ title }) => title);
  const item = itemAtHand(record);
  const held = HELD[status];
  return [
    `${sentence(goal)} (task ${record.taskId})`,
    ...(held === ''
      ? []
      : [`${held}${item ? ` at: ${item.title}` : ''}. Because of: ${sentence(waitingFor ?? 'unknown')}`]),
    ...(held === '' && !isOver(record) && item ? [`Next: ${sentence(item.title)}`] : []),
    ...(isOver(record) ? [`It has ${status}.`] : []),
    ...(plan.length === 0
      ? []
      : [`Done, ${done.length} of ${plan.length}: ${sentence(done.join(', ') || 'nothing yet')}`]),
  ].join(' ');
}

/** In words that people use when they ask. */
const HELD = {
  running: '',
  waiting: 'Waiting',
  paused: 'Paused',
  blocked: 'Stuck, blocked',
  completed: '',
  failed: '',
  cancelled: '',
} as const satisfies Record<TaskRecord['status'], string>;

function itemAtHand({ plan }: TaskRecord): TaskRecord['plan'][number] | undefined {
  return plan.find(({ status }) => status === 'active') ?? plan.find(({ status }) => status === 'open');
}

export function isOver({ status }: Pick<TaskRecord, 'status'>): boolean {
  return status === 'completed' || status === 'failed' || status === 'cancelled';
}

function sentence(text: string): string {
  const trimmed = text.replaceAll(/\s+/g, ' ').trim();
  return /[.!?]$/.test(trimmed) ? trimmed : `${trimmed}.`;
}

/** The id of a memory of a task: the same for the same write, however often it is tried. */
export function memoryIdOf({ taskId, startedAt }: TaskRecord, place: string): string {
  return `${uniqueTaskId(taskId, startedAt)}:${place}`;
}

/** Progress and state live with their task and close with it. */
export async function closeProgress(
  { memories }: Pick<StageDependencies, 'memories'>,
  record: TaskRecord,
): Promise<void> {
  const scope = { scope: 'task' as const, id: record.taskId };
  await memories.close(record.tenant, { scope, kinds: ['progress', 'state'] });
}
