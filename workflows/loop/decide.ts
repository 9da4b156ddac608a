import type { ControlCall } from '../../contracts/control-calls.ts';
import { hasNews } from '../rules/decisions.ts';
import { untilDeadline } from '../run/gates.ts';
import { until } from '../run/order.ts';
import { now } from '../run/task-cell.ts';
import type { TaskRun } from '../run/task-run.ts';
import type { Call } from '../state/call.ts';
import type { KeptEvent } from '../state/pending.ts';
import { callMoved } from '../transitions/calls.ts';
import { eventTaken, isUnread } from '../transitions/messages.ts';
import { planChanged } from '../transitions/plan.ts';
import { questionAsked } from '../transitions/questions.ts';
import { phaseOf } from './approve.ts';
import type { CallStatus } from './settle.ts';
import { ok, settle } from './settle.ts';

/** Decides a control call; it needs no activity but the one that writes its outcome down. */
export async function decide(run: TaskRun, call: Call, control: ControlCall): Promise<CallStatus> {
  switch (control.name) {
    case 'update_plan':
      run.cell.apply(planChanged, control.changes);
      return settle(run, call, ok('Plan updated.'));
    case 'ask_user':
      return ask(run, call, control);
    case 'wait_until':
      return waitUntil(run, call, control);
    case 'wait_for_event':
      return waitForEvent(run, call, control);
    case 'finish':
      return 'refused';
  }
}

async function ask(run: TaskRun, call: Call, control: Extract<ControlCall, { name: 'ask_user' }>): Promise<CallStatus> {
  const { cell } = run;
  cell.apply(questionAsked, { callId: call.id, ask: control });
  const question = cell.state.questions.find(({ callId }) => callId === call.id);
  await until(() => phaseOf(run, call).kind !== 'question' || hasNews(cell.state));
  const phase = phaseOf(run, call);
  if (phase.kind === 'answered') {
    const { text, by, source } = phase;
    return settle(run, call, by === undefined ? ok(text) : { status: 'ok', text, by }, source);
  }
  return settle(run, call, ok(`No answer yet; question ${question?.id ?? ''} stays open. A message came meanwhile.`));
}

async function waitUntil(
  run: TaskRun,
  call: Call,
  control: Extract<ControlCall, { name: 'wait_until' }>,
): Promise<CallStatus> {
  const { until: time, reason } = control;
  if (Number.isNaN(Date.parse(time))) {
    return settle(run, call, { status: 'refused', text: `"${time}" is no date; give ISO 8601, e.g. ${now()}.` });
  }
  run.cell.apply(callMoved, { callId: call.id, phase: { kind: 'timer', until: time, reason } });
  const woken = await untilDeadline(() => hasNews(run.cell.state), time, `wait until ${time}: ${reason}`);
  return settle(run, call, ok(woken ? 'A message came before that time.' : `It is ${now()}; the time has come.`));
}

async function waitForEvent(
  run: TaskRun,
  call: Call,
  { event, deadlineHours }: Extract<ControlCall, { name: 'wait_for_event' }>,
): Promise<CallStatus> {
  const deadline =
    deadlineHours === undefined ? undefined : new Date(Date.now() + deadlineHours * 3_600_000).toISOString();
  const early = run.cell.state.events.find(({ name }) => name === event);
  if (early !== undefined) return settleEarly(run, call, early);
  run.cell.apply(callMoved, {
    callId: call.id,
    phase: { kind: 'event', event, ...(deadline === undefined ? {} : { until: deadline }) },
  });
  const came = await untilDeadline(() => hasNews(run.cell.state), deadline, `wait for event ${event}`);
  if (!came) return settle(run, call, ok(`Event ${event} did not come before the deadline.`));
  const right = run.cell.state.events.find(({ name }) => name === event);
  if (right !== undefined) return settleEarly(run, call, right);
  return settle(run, call, ok(`Event ${event} has not come; a message came instead.`));
}

/** An event that is there: what it says follows where it is still to be read, and is told again where it came earlier. */
async function settleEarly(run: TaskRun, call: Call, event: KeptEvent): Promise<CallStatus> {
  const { name, at, source, text } = event;
  const follows = isUnread(run.cell.state, event);
  run.cell.apply(eventTaken, event);
  if (follows) return settle(run, call, ok(`Event ${name} came.`));
  const came = `Event ${name} came at ${at} already`;
  if (text === undefined) return settle(run, call, ok(`${came}; what it says stands above.`));
  return settle(run, call, ok(`${came}: ${text}`), source, `${came}: `);
}
