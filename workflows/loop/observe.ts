import type { Observation } from '../../contracts/transcript.ts';
import { breakLoop } from './break-loop.ts';
import { idleBlock, nudgeOf } from '../rules/idle.ts';
import { loopOf } from '../rules/loops.ts';
import { failuresCounted } from '../transitions/turns.ts';
import type { TaskRun } from '../run/task-run.ts';
import { block, persist } from '../run/attempt.ts';
import { nextRound } from '../run/task-run.ts';
import { recordOf } from '../state/task-record.ts';
import { noted } from '../transitions/transition.ts';
import { observed, traced } from '../transitions/turns.ts';

/** Records what the turn changed; a turn that did nothing (`undefined`) is told so, and after a few of them a person is. */
export async function observe(run: TaskRun): Promise<Observation | undefined> {
  const { cell } = run;
  const { task, turn, calls, nextSeq, replySeq, channel } = cell.state;
  const from = calls[0]?.assistantSeq ?? replySeq;
  if (from === undefined) {
    cell.apply(noted, nudgeOf(cell.state));
    blockIdle(run);
    return undefined;
  }
  const range = { from, to: nextSeq - 1 };
  cell.apply(traced, undefined);
  cell.apply(failuresCounted, undefined);
  const loop = cell.state.ending === undefined ? loopOf(cell.state) : undefined;
  const found = loop === undefined ? {} : { loop };
  const reply = replySeq === undefined ? {} : { reply: channel === undefined ? {} : { channel } };
  const input = { task, turn, range, seq: nextSeq, record: recordOf(cell.state), ...found, ...reply };
  const label = `turn ${turn}: record the observation`;
  const { entry } = await persist(run, 'recordObservation', () =>
    run.stage('recordObservation', label).recordObservation({ ...input, round: nextRound(run) }),
  );
  cell.apply(observed, entry.observation);
  if (loop !== undefined) await breakLoop(run, loop);
  blockMisfits(run);
  blockIdle(run);
  return entry.observation;
}

/** A model that goes on doing nothing, or is cut each time, is looked at by a person. */
function blockIdle(run: TaskRun): void {
  const { state, description } = run.cell;
  if (state.idleTurns < description.policy.idleTurns) return;
  block(run, 'inferNextAction', idleBlock(state, description.policy));
}

/** A result that goes on not fitting is looked at by a person. */
function blockMisfits(run: TaskRun): void {
  const { finishProblems } = run.cell.state;
  if (finishProblems < run.cell.description.policy.finishAttempts) return;
  const message = `The result of the task did not fit the output of its agent ${finishProblems} times in a row; the last problems stand in the transcript. Send it a message that helps, then resume.`;
  block(run, 'finish', { type: 'ResultMisfit', message });
}
