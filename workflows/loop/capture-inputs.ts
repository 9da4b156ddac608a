import { persist } from '../run/attempt.ts';
import type { TaskRun } from '../run/task-run.ts';
import { entryOf } from '../state/pending.ts';
import { captured } from '../transitions/turns.ts';

/** Brings every text that has arrived into the transcript. */
export async function captureInputs(run: TaskRun): Promise<void> {
  const { cell } = run;
  while (cell.state.pending.length > 0) {
    const { pending, nextSeq, task, agent, turn } = cell.state;
    const entries = pending.map((one, index) => entryOf(one, nextSeq + index));
    const summary = `capture ${entries.length === 1 ? 'an input' : `${entries.length} inputs`}`;
    await persist(run, 'captureInput', () =>
      run.stage('captureInput', summary).captureInput({ task, agent, turn, entries }),
    );
    cell.apply(captured, entries.length);
  }
}
