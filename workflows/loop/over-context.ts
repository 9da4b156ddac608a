import { CancellationScope } from '@temporalio/workflow';
import { FailureType } from '../../contracts/failures.ts';
import type { ModelStageName } from '../../contracts/model-route.ts';
import type { StageName } from '../../contracts/policy.ts';
import type { ContextSummary, JoinedResults, JoinedStages } from '../../contracts/stages.ts';
import { accountOf, budgetBlock } from '../rules/budgets.ts';
import { untilFree } from '../run/gates.ts';
import { isOutdated, refresh } from './refresh-agent.ts';
import { summarize } from './summarize.ts';
import { now } from '../run/task-cell.ts';
import type { TaskRun } from '../run/task-run.ts';
import { captureInputs } from './capture-inputs.ts';
import { attempt, block, persist } from '../run/attempt.ts';
import { joinedStages, joinsContext, takeJoined } from './join.ts';
import { recordOpen } from './observe.ts';
import { policyWords, promptWindow } from './prompt-parts.ts';
import { recordOf } from '../state/task-record.ts';
import { contextAssembled } from '../transitions/turns.ts';

const SMALLER = 0.6;
const SMALLEST = 0.2;
/** Contexts lost one after the other before a person is asked to look: Redis may be dropping what it is given. */
const MOST_LOST = 5;

/** A stage that asks a model over the context of the task. */
export interface Asked {
  readonly stage: Extract<StageName, ModelStageName>;
  readonly contextId: string;
  /** Whether what has come meanwhile is taken in first. */
  readonly capture: boolean;
  /** Whether its activity may assemble the context itself. Default: no. */
  readonly joins?: true;
}

/** The context to be asked over: assembled, or with what it is to be assembled from. */
export interface Prompt {
  readonly contextId: string;
  readonly joined?: JoinedStages;
}

/** What came of asking: no result where the context, assembled on the way, asks for a summary first. */
export interface Answer<Result> {
  readonly result?: Result;
  readonly joined?: JoinedResults;
}

/** Assembles the context and asks over it, again and again until there is an answer. */
export async function overContext<Result>(
  run: TaskRun,
  asked: Asked,
  ask: (prompt: Prompt) => Promise<Answer<Result>>,
): Promise<Result> {
  const { cell } = run;
  let shrink = 1;
  let lost = 0;
  for (;;) {
    await untilReady(run, asked.stage);
    if (asked.capture) await captureInputs(run);
    const prompt = await promptFor(run, asked, shrink);
    const scope = new CancellationScope();
    run.thinking = scope;
    const attempted = await attempt(cell, () => ask(prompt), scope);
    run.thinking = undefined;
    if (attempted.kind === 'interrupted') continue;
    if (attempted.kind === 'done') {
      const { joined, result } = attempted.result;
      if (prompt.joined && joined) await takeJoined(run, prompt.joined, joined);
      if (result !== undefined) return result;
      continue;
    }
    const { failure } = attempted;
    if (failure.type === FailureType.ContextMissing) {
      lost += 1;
      run.told.clear();
      if (lost % MOST_LOST !== 0) continue;
    }
    if (failure.type === FailureType.ModelContextOverflow && shrink > SMALLEST) shrink *= SMALLER;
    else block(run, asked.stage, failure);
  }
}

/** The context by reference where its activity assembles it, and else assembled, with all that came before recorded. */
async function promptFor(run: TaskRun, asked: Asked, shrink: number): Promise<Prompt> {
  const { contextId } = asked;
  if (asked.joins && joinsContext(run)) return { contextId, joined: joinedStages(run, shrink) };
  await recordOpen(run);
  return { contextId: (await assembleWhole(run, asked, shrink)).contextId };
}

/** Waits until the task may ask its model, with the agent of today where it comes back from an absence. */
async function untilReady(run: TaskRun, stage: StageName): Promise<void> {
  do {
    await untilFreeAgain(run);
    if (isOutdated(run.cell.state)) await refresh(run);
    await untilBudget(run, stage);
  } while (isOutdated(run.cell.state));
}

/** Waits until nothing holds the task; what was left to the next call of the model does not wait with it. */
async function untilFreeAgain(run: TaskRun): Promise<void> {
  const { pause, block: blocked } = run.cell.state;
  if ((pause ?? blocked) !== undefined) await recordOpen(run);
  await untilFree(run.cell);
}

/** Waits until nothing holds the task and its budgets allow another model call. */
async function untilBudget(run: TaskRun, stage: StageName): Promise<void> {
  const { cell } = run;
  await untilFreeAgain(run);
  const over = () => budgetBlock(cell.state, now());
  for (let used = over(); used !== undefined; used = over()) {
    block(run, stage, { type: used.cause, message: used.reason });
    await untilFreeAgain(run);
  }
}

/** Before the window slides, what leaves it is summarised: nothing is in neither. */
async function assembleWhole(run: TaskRun, asked: Asked, shrink: number): Promise<ContextSummary> {
  const context = await assemble(run, asked, shrink);
  if (context.summarizeBefore === undefined) return context;
  await summarize(run, context.summarizeBefore - 1);
  return assemble(run, asked, shrink);
}

async function assemble(run: TaskRun, { stage, contextId }: Asked, shrink: number): Promise<ContextSummary> {
  const { state } = run.cell;
  const { task, turn, absence, offered, tokenFactor } = state;
  const input = {
    task,
    agent: state.agent,
    turn,
    contextId,
    window: promptWindow(state),
    record: recordOf(state),
    questions: state.questions,
    ...(state.leftOut === undefined ? {} : { leftOut: state.leftOut }),
    ...policyWords(run, stage),
    account: accountOf(state, now()),
    ...(absence === undefined ? {} : { absence }),
    ...(offered === undefined ? {} : { offered }),
    ...(tokenFactor === undefined ? {} : { tokenFactor }),
    shrink,
  };
  const label = `turn ${turn}: assemble the context`;
  const assembled = await persist(run, 'assembleContext', () =>
    run.stage('assembleContext', label).assembleContext(input),
  );
  run.cell.apply(contextAssembled, assembled);
  return assembled;
}
