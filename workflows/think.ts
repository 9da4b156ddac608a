import { CancellationScope } from '@temporalio/workflow';
import { FailureType } from '../contracts/failures.ts';
import type { ContextSummary } from '../contracts/stages.ts';
import { budgetBlock } from './budgets.ts';
import { lastBefore, slideOf } from './decisions.ts';
import { untilFree } from './gates.ts';
import { now } from './task-cell.ts';
import type { TaskRun } from './task-run.ts';
import { attempt, block, captureInputs, persist, thinking } from './task-run.ts';
import { recordOf } from './task-state.ts';
import { inferred, summarized } from './transitions.ts';

const SMALLER = 0.6;
const SMALLEST = 0.2;
/** Contexts lost one after the other before a person is asked to look: Redis may be dropping what it is given. */
const MOST_LOST = 5;

/** Assembles the context and infers the next action, again and again until there is one. */
export async function think(run: TaskRun): Promise<void> {
  const { cell } = run;
  let shrink = 1;
  let lost = 0;
  for (;;) {
    await untilBudget(run);
    await captureInputs(run);
    const context = await assembleWhole(run, shrink);
    const scope = new CancellationScope();
    run.thinking = scope;
    const attempted = await attempt(cell, () => infer(run, context), scope);
    run.thinking = undefined;
    if (attempted.kind === 'done') {
      cell.apply(inferred, attempted.result);
      return;
    }
    if (attempted.kind === 'interrupted') continue;
    const { failure } = attempted;
    if (failure.type === FailureType.ContextMissing) lost += 1;
    if (failure.type === FailureType.ContextMissing && lost % MOST_LOST !== 0) continue;
    if (failure.type === FailureType.ModelContextOverflow && shrink > SMALLEST) shrink *= SMALLER;
    else block(run, 'inferNextAction', failure);
  }
}

/** Waits until nothing holds the task and its budgets allow another model call. */
async function untilBudget(run: TaskRun): Promise<void> {
  const { cell } = run;
  await untilFree(cell);
  const over = () => budgetBlock(cell.state, now());
  for (let used = over(); used !== undefined; used = over()) {
    block(run, 'inferNextAction', { type: used.cause, message: used.reason });
    await untilFree(cell);
  }
}

/** What does not fit into the window is summarised first: nothing is in neither. */
async function assembleWhole(run: TaskRun, shrink: number): Promise<ContextSummary> {
  const context = await assemble(run, shrink);
  if (context.keepFrom === undefined) return context;
  const upTo = lastBefore(run.cell.state, context.keepFrom);
  if (upTo === undefined) return context;
  await summarize(run, upTo);
  return assemble(run, shrink);
}

async function assemble(run: TaskRun, shrink: number): Promise<ContextSummary> {
  const { state, description } = run.cell;
  const { task, turn, windowFrom, nextSeq, summarySeq } = state;
  const window = { from: windowFrom, to: nextSeq - 1, ...(summarySeq === undefined ? {} : { summarySeq }) };
  const { context, recall, models } = description.policy;
  const input = {
    task,
    agent: state.agent,
    turn,
    contextId: `t${turn}`,
    window,
    record: recordOf(state),
    questions: state.questions,
    policy: { context, recall },
    route: models.inferNextAction,
    shrink,
  };
  const label = `turn ${turn}: assemble the context`;
  return persist(run, 'assembleContext', () => run.stage('assembleContext', label).assembleContext(input));
}

function infer(run: TaskRun, { contextId }: ContextSummary) {
  const { task, agent, turn, nextSeq, subject } = run.cell.state;
  const label = `turn ${turn}: infer the next action`;
  const input = { task, agent, turn, seq: nextSeq, contextId, ...thinking(run, 'inferNextAction') };
  return run.stage('inferNextAction', label).inferNextAction(subject === undefined ? input : { ...input, subject });
}

/** Summarises the older half of the window once it has grown long enough. */
export async function slideWindow(run: TaskRun): Promise<void> {
  const { cell } = run;
  const upTo = slideOf(cell.state, cell.description.policy.summarizeAfterEntries);
  if (upTo !== undefined) await summarize(run, upTo);
}

async function summarize(run: TaskRun, upTo: number): Promise<void> {
  const { cell } = run;
  const { task, agent, turn, windowFrom, nextSeq, summarySeq, questions, plan } = cell.state;
  const input = {
    task,
    agent,
    turn,
    range: { from: windowFrom, to: upTo },
    seq: nextSeq,
    budget: cell.description.policy.context.summary,
    questions: questions.map(({ id, callId, seq }) => ({ id, callId, seq })),
    plan: plan.map(({ id, status }) => ({ id, status })),
    ...(summarySeq === undefined ? {} : { previousSummarySeq: summarySeq }),
  };
  const label = `turn ${turn}: summarise entries ${windowFrom} to ${upTo}`;
  const { usage } = await persist(run, 'summarizeTranscript', () =>
    run.stage('summarizeTranscript', label).summarizeTranscript({ ...input, ...thinking(run, 'summarizeTranscript') }),
  );
  cell.apply(summarized, { seq: nextSeq, upTo, usage });
}
