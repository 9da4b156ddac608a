import { CancellationScope } from '@temporalio/workflow';
import type { DueNotice } from '../../contracts/notices.ts';
import { DEFAULT_NOTIFIERS } from '../../contracts/notices.ts';
import type { RememberedDecision } from '../../contracts/remembered-approvals.ts';
import { until } from './order.ts';
import { notify, rememberDecision } from './stages.ts';
import type { TaskCell } from './task-cell.ts';
import type { TaskRun } from './task-run.ts';
import { attempt } from './attempt.ts';
import { isOver, openRequests } from '../state/status.ts';
import { registered } from '../transitions/approvals.ts';
import { noticeSent, requestOf } from '../transitions/requests.ts';
import { noted } from '../transitions/transition.ts';

/**
 * Tells people of what waits for them, and the register what they have decided, beside the turns. What could not be sent
 * is noted, and stops nothing. What is under way when a run ends is sent again by the next, under the same key.
 */
export async function emptyOutbox(run: TaskRun): Promise<void> {
  const { cell } = run;
  const begun = new Set<string>();
  for (;;) {
    await until(() => isOver(cell.state) || dueOf(run, begun) !== undefined);
    const due = dueOf(run, begun);
    if (due === undefined) return;
    begun.add(due.id);
    const work = 'verdict' in due ? register(run, due) : tell(run, due);
    work.catch(() => undefined);
  }
}

function dueOf({ cell }: TaskRun, begun: ReadonlySet<string>): RememberedDecision | DueNotice | undefined {
  const { toRegister, notices } = cell.state;
  return [...toRegister, ...(isOver(cell.state) ? [] : notices)].find(({ id }) => !begun.has(id));
}

/** What the register does not have when a task ends. It takes a decision that it has already. */
export async function registerRest(cell: TaskCell): Promise<void> {
  const { task, toRegister } = cell.state;
  for (const decision of toRegister) await rememberDecision({ task, decision });
}

async function register({ cell }: TaskRun, decision: RememberedDecision): Promise<void> {
  await rememberDecision({ task: cell.state.task, decision });
  cell.apply(registered, decision.id);
}

/** By every notifier, until it is told or the request is open no more. */
async function tell(run: TaskRun, notice: DueNotice): Promise<void> {
  const { cell } = run;
  const isOpen = (): boolean => requestOf(openRequests(cell.state), notice.requestId) !== undefined;
  if (!isOpen()) return cell.apply(noticeSent, notice.id);
  const scope = new CancellationScope();
  const notifiers = cell.description.notifiers ?? DEFAULT_NOTIFIERS;
  const told = Promise.all(notifiers.map((notifier) => tellBy(run, { notice, notifier, scope })));
  const done = told.then(() => true);
  await Promise.race([done, until(() => !isOpen())]);
  scope.cancel();
  const problems = (await told).filter((problem) => problem !== undefined);
  cell.apply(noticeSent, notice.id);
  for (const problem of problems) cell.apply(noted, problem);
}

/** What became of it, where it did not get through. */
async function tellBy(
  { cell }: TaskRun,
  given: { readonly notice: DueNotice; readonly notifier: string; readonly scope: CancellationScope },
): Promise<string | undefined> {
  const { notice, notifier, scope } = given;
  const { task, startedAt: taskStartedAt } = cell.state;
  const sent = await attempt(cell, () => notify({ task, notifier, notice, taskStartedAt }), scope);
  if (sent.kind !== 'failed') return undefined;
  return `The ${notice.kind} of ${notice.requestId} could not be sent by ${notifier}: ${sent.failure.message}`;
}
