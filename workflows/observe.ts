import type { TaskRun } from './task-run.ts';
import { block, nextRound, persist } from './task-run.ts';
import { recordOf } from './task-state.ts';
import { noted, observed } from './transitions.ts';

const NUDGE =
  'Your last answer called no tool, so nothing happened. Call a tool, ask with ask_user, or end the task with finish.';

/** Records what the turn changed; a turn that did nothing is told so, and after a few of them a person is. */
export async function observe(run: TaskRun): Promise<void> {
  const { cell } = run;
  const { task, turn, calls, nextSeq, idleTurns } = cell.state;
  const first = calls[0];
  if (first === undefined) {
    cell.apply(noted, NUDGE);
    const limit = cell.description.policy.idleTurns;
    if (idleTurns < limit) return;
    const message = `The model called no tool in ${idleTurns} turns in a row. See what it says, send it a message, then resume.`;
    block(run, 'inferNextAction', { type: 'IdleModel', message });
    return;
  }
  const range = { from: first.assistantSeq, to: nextSeq - 1 };
  const input = { task, turn, range, seq: nextSeq, record: recordOf(cell.state) };
  const label = `turn ${turn}: record the observation`;
  const { entry } = await persist(run, 'recordObservation', () =>
    run.stage('recordObservation', label).recordObservation({ ...input, round: nextRound(run) }),
  );
  cell.apply(observed, entry.observation);
}
