import { continueAsNew, proxyActivities, setCurrentDetails, setHandler, workflowInfo } from '@temporalio/workflow';
import { FailureType, failure } from '../../contracts/failures.ts';
import type {
  ModelMoveActivities,
  ModelMoveInput,
  ModelMoveResult,
  ModelMoveState,
  VectorSpace,
} from '../../contracts/model-move.ts';
import type { UpdateDefinition } from '@temporalio/common';
import { careOptions } from './care-options.ts';
import { stageFailureOf } from '../run/failures.ts';
import { keepOrder, takeUpdate, untilOrTimeout } from '../run/order.ts';
import { filled, inPhase, keptUntil, moveDetails, moveStep, openMove, retryAfter } from './model-move-state.ts';
import { finishUpdate, moveQuery, retryUpdate, rollBackUpdate } from './move-messages.ts';
import type { MoveRequest } from './move-messages.ts';

/** Slices of a run; then the history is long enough for a new one. */
const MOST_SLICES = 400;

/** A move in one Temporal run. */
interface Move {
  state: ModelMoveState;
  readonly change: (changes: Partial<ModelMoveState>) => void;
  slices: number;
  finish: boolean;
  retry: boolean;
}

/**
 * Moves a tenant's memories to another embedding model while tasks go on writing and recalling: fills a second vector
 * beside the first, switches, keeps both for a while, and drops one. Until then it can be rolled back at any time.
 */
export async function memoryModelMove(start: ModelMoveInput | ModelMoveState): Promise<ModelMoveResult> {
  const move = openRun('phase' in start ? start : openMove(start, now()));
  listen(move);
  const { former, next } = await begin(move);
  const rolledBack = () => move.state.rolledBack !== undefined;
  if (move.state.phase === 'fill') await fill(move, next, rolledBack);
  if (move.state.phase === 'fill' && !rolledBack()) await switchTo(move, next);
  if (move.state.phase === 'catch-up') await fill(move, next, rolledBack);
  if (['catch-up', 'keep'].includes(move.state.phase) && !rolledBack()) await keep(move);
  if (move.state.switchedAt !== undefined && move.state.phase !== 'drop' && rolledBack()) await goBack(move, former);
  const [stays, goes] = move.state.rolledBack ? [former, next] : [next, former];
  await drop(move, goes);
  move.change({ ...inPhase('done') });
  const { tenant, embedded, dropped } = move.state;
  return { tenant, model: stays.model, rolledBack: rolledBack(), embedded, dropped };
}

async function begin(move: Move): Promise<NonNullable<ModelMoveState['spaces']>> {
  if (move.state.spaces) return move.state.spaces;
  const { tenant, to } = move.state;
  // What is wrong with a move that has not begun is told at once, and nothing is left behind.
  const { memories, ...spaces } = await activities(move, 3).beginModelMove({ tenant, to });
  move.change({ ...inPhase('fill'), spaces, memories });
  return spaces;
}

/** Pass after pass, until one finds nothing that lacks the vector. */
async function fill(move: Move, { generation }: VectorSpace, stop: () => boolean): Promise<void> {
  const { tenant } = move.state;
  for (let complete = false; !complete && !stop();) {
    const slice = await untilDone(move, stop, () =>
      activities(move).fillVectors({ tenant, generation, cursor: move.state.cursor }),
    );
    if (!slice) return;
    const after = filled(move.state, slice);
    complete = after.complete;
    move.change(after.state);
    if (!complete) await newRunWhereDue(move);
  }
}

async function switchTo(move: Move, { generation }: VectorSpace): Promise<void> {
  const { tenant } = move.state;
  await activities(move).switchModel({ tenant, generation });
  move.change({ ...inPhase('catch-up'), switchedAt: now() });
}

/** Both are kept in step, so that going back loses nothing. */
async function keep(move: Move): Promise<void> {
  if (move.state.keepUntil === undefined) move.change({ ...inPhase('keep'), keepUntil: keptUntil(move.state, now()) });
  const left = Math.max(Date.parse(move.state.keepUntil ?? now()) - Date.now(), 0);
  if (left === 0) return;
  await untilOrTimeout(() => move.finish || move.state.rolledBack !== undefined, left, {
    summary: `keep the former vectors until ${move.state.keepUntil ?? 'now'}`,
  });
}

async function goBack(move: Move, former: VectorSpace): Promise<void> {
  const { tenant } = move.state;
  await activities(move).switchModel({ tenant, generation: former.generation });
  if (move.state.phase !== 'go-back') move.change(inPhase('go-back'));
  await fill(move, former, () => false);
}

async function drop(move: Move, { generation }: VectorSpace): Promise<void> {
  const { tenant } = move.state;
  if (move.state.phase !== 'drop') move.change(inPhase('drop'));
  if (move.state.cursor === '0') await activities(move).endModelMove({ tenant, generation });
  for (;;) {
    const { cursor } = move.state;
    const slice = await untilDone(
      move,
      () => false,
      () => activities(move).dropVectors({ tenant, generation, cursor }),
    );
    if (!slice) return;
    const { seen, dropped } = move.state;
    move.change({ cursor: slice.cursor, seen: seen + slice.seen, dropped: dropped + slice.dropped });
    if (slice.cursor === '0') return;
    await newRunWhereDue(move);
  }
}

/** Tries until it works: what keeps it is shown, and a person may mend it, try at once, or roll back. */
async function untilDone<Result>(
  move: Move,
  stop: () => boolean,
  step: () => Promise<Result>,
): Promise<Result | undefined> {
  for (let times = 1; ; times += 1) {
    try {
      const result = await step();
      if (move.state.blocked) move.change({ blocked: undefined });
      return result;
    } catch (error) {
      const problem = stageFailureOf(error);
      if (!problem || problem.type === FailureType.Refused) throw error;
      const wait = retryAfter(times);
      move.change({ blocked: { reason: problem.message, retryAt: new Date(Date.now() + wait).toISOString() } });
      move.retry = false;
      await untilOrTimeout(() => move.retry || stop(), wait, { summary: `try again: ${problem.type}` });
      if (stop()) return undefined;
    }
  }
}

/** A walk goes on in a new run from its cursor. */
async function newRunWhereDue(move: Move): Promise<void> {
  move.slices += 1;
  if (move.slices < MOST_SLICES && !workflowInfo().continueAsNewSuggested) return;
  await continueAsNew<typeof memoryModelMove>(move.state);
}

function listen(move: Move): void {
  setHandler(moveQuery, () => move.state);
  void keepOrder(() => takeRequests(move));
}

function takeRequests(move: Move): void {
  take(
    rollBackUpdate,
    ({ by }) => move.change({ rolledBack: { by, at: now() }, blocked: undefined }),
    () => {
      const { rolledBack, phase } = move.state;
      if (rolledBack) return `it was rolled back by ${rolledBack.by.id} already`;
      return ['drop', 'done'].includes(phase) ? 'the former vectors are being dropped; move back instead' : undefined;
    },
  );
  take(
    finishUpdate,
    () => void (move.finish = true),
    () => (move.state.phase === 'keep' ? undefined : `it is in phase "${move.state.phase}", not "keep"`),
  );
  take(
    retryUpdate,
    () => void (move.retry = true),
    () => (move.state.blocked ? undefined : 'nothing blocks it'),
  );
}

function take(
  update: UpdateDefinition<void, [MoveRequest]>,
  handler: (request: MoveRequest) => void,
  refusal: () => string | undefined,
): void {
  const validator = (_request: MoveRequest): void => {
    const why = refusal();
    if (why !== undefined) throw refused(why);
  };
  takeUpdate(update, handler, { validator });
}

function refused(why: string): Error {
  return failure(FailureType.Refused, { message: `The move cannot do that: ${why}.` });
}

function openRun(initial: ModelMoveState): Move {
  const move: Move = {
    state: initial,
    change: (changes) => {
      move.state = { ...move.state, ...changes };
      setCurrentDetails(moveDetails(move.state));
    },
    slices: 0,
    finish: false,
    retry: false,
  };
  setCurrentDetails(moveDetails(initial));
  return move;
}

/** A failure that trying again cannot mend comes back at once; Redis or a model that is away is waited for. */
function activities({ state }: Move, attempts?: number): ModelMoveActivities {
  return proxyActivities<ModelMoveActivities>(careOptions(moveStep(state), attempts));
}

function now(): string {
  return new Date().toISOString();
}
