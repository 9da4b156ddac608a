import type { ExtractedMemories, RecordedObservation, UpdateMemoryInput } from '../../contracts/stages.ts';
import { extractionDue, memoryDue } from '../rules/decisions.ts';
import { now } from '../run/task-cell.ts';
import type { TaskRun } from '../run/task-run.ts';
import { attempt, persistUntilEnd } from '../run/attempt.ts';
import { beside, thinking } from '../run/task-run.ts';
import { recordOf } from '../state/task-record.ts';
import { memoryRead } from '../transitions/turns.ts';
import { spent } from '../transitions/spending.ts';

type Extracted = Pick<UpdateMemoryInput, 'extraction' | 'extractionFailure'>;

/**
 * Updates memory beside the next turns, in the order of the turns, where there is anything to update. A turn that did
 * nothing, and so was not observed, is read with the next.
 */
export function remember(run: TaskRun, { turn, seq, observation }: RecordedObservation['entry']): void {
  const { cell } = run;
  const { task, nextSeq, unread } = cell.state;
  const range = { from: unread.from, to: nextSeq - 1 };
  const input = { task, turn, range, observationSeq: seq, record: recordOf(cell.state) };
  const due = extractionDue(cell.state, now());
  const anything = due || memoryDue(cell.state, observation);
  cell.apply(memoryRead, undefined);
  if (!anything) return;
  run.remembering = beside(
    run.remembering.then(async () => {
      const found = due ? await extract(run, input) : {};
      const stage = run.stage('updateMemory', `turn ${turn}: update memory`);
      await persistUntilEnd(run, 'updateMemory', () => stage.updateMemory({ ...input, ...found }));
    }),
  );
}

/** Whatever becomes of the model, the task goes on: without it, memory is what rules find. */
async function extract(run: TaskRun, { task, turn, range, record }: UpdateMemoryInput): Promise<Extracted> {
  const { cell } = run;
  const { agent, subject, startedAt: taskStartedAt } = record;
  const told = { task, agent, turn, range, taskStartedAt, ...(subject === undefined ? {} : { subject }) };
  let found: Extracted = {};
  for (let [reading, readings] = [1, 1]; reading <= readings; reading += 1) {
    const [which, part] = reading === 1 ? ['', {}] : [`, reading ${reading} of ${readings}`, { reading }];
    const stage = run.stage('extractMemories', `turn ${turn}: extract memories${which}`);
    const input = { ...told, ...part };
    const attempted = await attempt(cell, () =>
      stage.extractMemories({ ...input, ...thinking(run, 'extractMemories') }),
    );
    if (attempted.kind === 'failed') return { ...found, extractionFailure: `${attempted.failure.message}${which}` };
    if (attempted.kind === 'interrupted') return { ...found, extractionFailure: `it was interrupted${which}` };
    cell.apply(spent, attempted.result.usage);
    found = { extraction: joined(found.extraction, attempted.result) };
    ({ readings } = attempted.result);
  }
  return found;
}

function joined(one: Extracted['extraction'], other: ExtractedMemories): NonNullable<Extracted['extraction']> {
  return {
    memories: [...(one?.memories ?? []), ...other.memories],
    discarded: [...(one?.discarded ?? []), ...other.discarded],
    unread: [...(one?.unread ?? []), ...other.unread],
  };
}
