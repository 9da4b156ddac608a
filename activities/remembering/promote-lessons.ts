import { LESSON_KINDS, lessonHomeOf } from '../../contracts/memory-policy.ts';
import type { MemoryStore } from '../../contracts/memory-store.ts';
import type { NewMemory } from '../../contracts/memory.ts';
import type { TaskRecord } from '../../contracts/task-record.ts';

/** More than this no task learns. */
const MOST_LESSONS = 100;

/**
 * The lessons of a task that has succeeded, as memories beyond it. Each keeps where it came from, and its id follows
 * from the lesson's, so that a second promotion writes nothing new.
 */
export async function lessonsOf(memories: MemoryStore, record: TaskRecord): Promise<NewMemory[]> {
  const own = { text: '', scopes: [{ scope: 'task' as const, id: record.taskId }], kinds: LESSON_KINDS };
  const reader = { name: record.agent };
  const lessons = await memories.recall(record.tenant, { ...own, reader, limit: MOST_LESSONS });
  return lessons.map(({ memory }) => {
    const { id, kind, text, subject, slot, owner, visibility, importance, confidence, trust, provenance } = memory;
    return {
      id: `${id}:beyond`,
      scope: lessonHomeOf(record),
      kind,
      text,
      visibility,
      importance,
      confidence,
      trust,
      provenance,
      validFrom: memory.validFrom,
      ...(memory.saidAt === undefined ? {} : { saidAt: memory.saidAt }),
      data: { ...memory.data, lessonOf: record.taskId },
      ...(subject === undefined ? {} : { subject }),
      ...(slot === undefined ? {} : { slot }),
      ...(owner === undefined ? {} : { owner }),
    };
  });
}
