import type { RecordedObservation } from '../../contracts/stages.ts';
import { breakLoop } from './break-loop.ts';
import { remember } from './remember.ts';
import { idleBlock, nudgeOf } from '../rules/idle.ts';
import { loopOf } from '../rules/loops.ts';
import { failuresCounted, observed, traced, turnClosed } from '../transitions/turns.ts';
import { attempt, block, persist } from '../run/attempt.ts';
import type { StageFailure } from '../run/failures.ts';
import { untilFree } from '../run/gates.ts';
import type { TaskCell } from '../run/task-cell.ts';
import type { OpenObservation, TaskRun } from '../run/task-run.ts';
import { nextRound } from '../run/task-run.ts';
import { recordOf } from '../state/task-record.ts';
import { noted } from '../transitions/transition.ts';

/**
 * Ends the turn. What it changed is recorded with the next call of the model where nothing hangs on it, and else at once; a
 * turn that did nothing is told so, and after a few of them a person is.
 */
export async function observe(run: TaskRun): Promise<void> {
  const { cell } = run;
  const { turn, calls, nextSeq, replySeq } = cell.state;
  const from = calls[0]?.assistantSeq ?? replySeq;
  if (from === undefined) {
    cell.apply(noted, nudgeOf(cell.state));
    return blockIdle(run);
  }
  cell.apply(traced, undefined);
  cell.apply(failuresCounted, undefined);
  const loop = cell.state.ending === undefined ? loopOf(cell.state) : undefined;
  const over = { turn, range: { from, to: nextSeq - 1 }, seq: nextSeq };
  if (loop === undefined && mayWait(run)) {
    run.open = over;
    return cell.apply(turnClosed, undefined);
  }
  const { entry } = await recordAtOnce(run, over, loop);
  cell.apply(turnClosed, undefined);
  cell.apply(observed, entry.observation);
  if (loop !== undefined) await breakLoop(run, loop);
  blockMisfits(run);
  blockIdle(run);
  remember(run, entry);
}

/** Does nobody wait for what this turn has come to before the model is asked again? */
function mayWait({ cell }: TaskRun): boolean {
  const { ending, replySeq } = cell.state;
  const { recordObservation, assembleContext } = cell.description.policy.stages;
  const joins = recordObservation.where === 'joined' && assembleContext.where === 'joined';
  return joins && ending === undefined && replySeq === undefined && !misfits(cell) && !idles(cell);
}

async function recordAtOnce(
  run: TaskRun,
  over: OpenObservation,
  loop: ReturnType<typeof loopOf>,
): Promise<RecordedObservation> {
  const { task, replySeq, channel } = run.cell.state;
  const found = loop === undefined ? {} : { loop };
  const reply = replySeq === undefined ? {} : { reply: channel === undefined ? {} : { channel } };
  const input = { ...over, task, record: recordOf(run.cell.state), ...found, ...reply };
  return persist(run, 'recordObservation', () =>
    recording(run, over).recordObservation({ ...input, round: nextRound(run) }),
  );
}

function recording(run: TaskRun, { turn }: OpenObservation): ReturnType<TaskRun['stage']> {
  return run.stage('recordObservation', `turn ${turn}: record the observation`);
}

/** Records a turn that the next call of the model was to record, where that call has to wait. */
export async function recordOpen(run: TaskRun): Promise<void> {
  const { cell } = run;
  for (let failure = await tryToRecord(run); failure !== undefined; failure = await tryToRecord(run)) {
    if ((cell.state.pause ?? cell.state.block) === undefined) block(run, 'recordObservation', failure);
    await untilFree(cell);
  }
}

/** Tries once. @returns why it failed, if it did */
export async function tryToRecord(run: TaskRun): Promise<StageFailure | undefined> {
  const { cell, open } = run;
  if (open === undefined) return undefined;
  const { task } = cell.state;
  const attempted = await attempt(cell, () =>
    recording(run, open).recordObservation({ ...open, task, record: recordOf(cell.state), round: nextRound(run) }),
  );
  if (attempted.kind === 'done') takeObservation(run, attempted.result);
  return attempted.kind === 'failed' ? attempted.failure : undefined;
}

/** Takes what a turn came to that has been over for a while. */
export function takeObservation(run: TaskRun, { entry }: RecordedObservation): void {
  run.open = undefined;
  run.cell.apply(observed, entry.observation);
  remember(run, entry);
}

/** A result that goes on not fitting is looked at by a person. */
function blockMisfits(run: TaskRun): void {
  if (!misfits(run.cell)) return;
  const { finishProblems } = run.cell.state;
  const message = `The result of the task did not fit the output of its agent ${finishProblems} times in a row; the last problems stand in the transcript. Send it a message that helps, then resume.`;
  block(run, 'finish', { type: 'ResultMisfit', message });
}

function misfits({ state, description }: TaskCell): boolean {
  return state.finishProblems >= description.policy.finishAttempts;
}

/** A model that goes on doing nothing, or is cut each time, is looked at by a person. */
function blockIdle(run: TaskRun): void {
  const { state, description } = run.cell;
  if (idles(run.cell)) block(run, 'inferNextAction', idleBlock(state, description.policy));
}

function idles({ state, description }: TaskCell): boolean {
  return state.idleTurns >= description.policy.idleTurns;
}
