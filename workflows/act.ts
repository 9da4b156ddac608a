import { condition } from '@temporalio/workflow';
import type { ToolDescription } from '../contracts/agent.ts';
import type { ControlCall } from '../contracts/control-calls.ts';
import type { SteppedCall, SteppedToolResult } from '../contracts/stepped-tool.ts';
import type { InputSource, ToolOutcome } from '../contracts/transcript.ts';
import { neverBegan } from './failures.ts';
import { finishRefusal, hasNews } from './decisions.ts';
import { phaseOf, untilDecided } from './approve.ts';
import { fingerprint } from './fingerprint.ts';
import { untilFree, untilTold, whenAtRest } from './gates.ts';
import { now } from './task-cell.ts';
import type { TaskRun } from './task-run.ts';
import { attempt, block, nextRound, persist } from './task-run.ts';
import type { Call, CallPhase, KeptEvent } from './task-state.ts';
import { createSlots } from './slots.ts';
import type { Slots } from './slots.ts';
import { summaryOf } from './summary.ts';
import { reviewsFinish } from './review.ts';
import { callMoved } from './transitions/calls.ts';
import { finished } from './transitions/endings.ts';
import { handedIn } from './transitions/judgements.ts';
import { planChanged } from './transitions/plan.ts';
import { questionAsked } from './transitions/questions.ts';
import { approvalReviewed } from './transitions/approvals.ts';
import { eventTaken, isUnread } from './transitions/messages.ts';
import { workInSteps } from './work-in-steps.ts';

type Status = ToolOutcome['status'];
type FinishCall = Extract<ControlCall, { name: 'finish' }>;
const FROM_WORKFLOW: InputSource = { kind: 'workflow' };

/** Carries out the calls of this turn, in parallel where they are independent; `finish` comes last. */
export async function act(run: TaskRun): Promise<void> {
  const { calls } = run.cell.state;
  const outcomes = new Map<string, Status>();
  const slots = createSlots(run.cell.description.policy.toolConcurrency);
  const carryOut = async (call: Call): Promise<void> => void outcomes.set(call.id, await perform(run, call, slots));
  await Promise.all(calls.filter((call) => call.control?.name !== 'finish').map(carryOut));
  for (const call of calls) {
    if (call.control?.name !== 'finish') continue;
    await untilFree(run.cell);
    const refusal = finishRefusal(run.cell.state, outcomes);
    await settle(
      run,
      call,
      refusal === undefined ? finish(run, call, call.control) : { status: 'refused', text: refusal },
    );
  }
}

/** Ends the task, or hands its result in to be looked at first. */
function finish(run: TaskRun, call: Call, control: FinishCall): ToolOutcome {
  if (!reviewsFinish(run)) {
    run.cell.apply(finished, control);
    return ok('Finished.');
  }
  run.cell.apply(handedIn, { callId: call.id, control });
  return ok('Handed in; it is looked at before the task ends.');
}

async function perform(run: TaskRun, call: Call, slots: Slots): Promise<Status> {
  if (call.problem !== undefined) return settle(run, call, { status: 'refused', text: call.problem });
  if (call.control !== undefined) return decide(run, call, call.control);
  for (;;) {
    const verdict = await untilDecided(run, call);
    if (verdict.kind === 'rejected') {
      const { by, reason, source } = verdict;
      const prefix = `Rejected by ${by.id}: `;
      return settle(run, call, { status: 'refused', text: `${prefix}${reason}`, by }, source, prefix);
    }
    const status = await slots.hold(async () => {
      // Which calls need approval may have changed while this one waited for its turn.
      run.cell.apply(approvalReviewed, call.id);
      return phaseOf(run, call).kind === 'checking' ? undefined : execute(run, call, verdict.decisionSeq);
    });
    if (status !== undefined) return status;
  }
}

/** Runs the tool until it ends: a broken backend is told to the model or blocks the task, as the tool says. */
async function execute(run: TaskRun, call: Call, decisionSeq: number | undefined): Promise<Status> {
  const { cell } = run;
  const tool = cell.description.tools.find(({ name }) => name === call.name);
  const { task, agent, turn, subject, startedAt: taskStartedAt } = cell.state;
  const { resultBytes } = cell.description.policy;
  const { id: callId, name, assistantSeq, seq } = call;
  const asked = {
    task,
    agent,
    turn,
    callId,
    name,
    assistantSeq,
    taskStartedAt,
    ...(subject === undefined ? {} : { subject }),
    ...(decisionSeq === undefined ? {} : { decisionSeq }),
  };
  const { ledger } = cell.description;
  let begun = false;
  const steps = tool?.stepped ? stepsOf(run, asked, tool) : undefined;
  for (;;) {
    await untilFree(cell);
    const stage = run.stage('executeTool', `turn ${turn}: call ${name}`, tool);
    const attempted = await attempt(cell, async () => {
      const worked = steps ? await steps() : undefined;
      if (worked?.kind === 'refused') return { refused: worked.text };
      const input = {
        ...asked,
        seq,
        resultBytes,
        round: nextRound(run),
        ...(ledger === undefined ? {} : { ledger }),
        ...(begun ? { again: true as const } : {}),
        ...(worked ? { cursor: worked.cursor } : {}),
      };
      return stage.executeTool(input).catch((error: unknown) => {
        begun ||= !neverBegan(error);
        throw error;
      });
    });
    if (attempted.kind === 'done') {
      const { result } = attempted;
      if ('refused' in result) return settle(run, call, { status: 'refused', text: result.refused });
      cell.apply(callMoved, { callId, phase: settledBy(callId, result.entry.outcome) });
      return result.entry.outcome.status;
    }
    if (attempted.kind === 'interrupted') continue;
    if (tool?.whenBroken !== 'block') return settle(run, call, { status: 'failed', text: attempted.failure.message });
    block(run, `executeTool ${name}`, attempted.failure);
  }
}

/** The steps of a tool that works in steps: done once, however often the rest has to be tried. */
function stepsOf(run: TaskRun, call: SteppedCall, tool: ToolDescription): () => Promise<SteppedToolResult> {
  let worked: SteppedToolResult | undefined;
  return async () => (worked ??= await workInSteps(run, call, tool));
}

/** Decides a control call; it needs no activity but the one that writes its outcome down. */
async function decide(run: TaskRun, call: Call, control: ControlCall): Promise<Status> {
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

async function ask(run: TaskRun, call: Call, control: Extract<ControlCall, { name: 'ask_user' }>): Promise<Status> {
  const { cell } = run;
  cell.apply(questionAsked, { callId: call.id, ask: control });
  const question = cell.state.questions.find(({ callId }) => callId === call.id);
  await untilTold(() => phaseOf(run, call).kind !== 'question' || hasNews(cell.state));
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
): Promise<Status> {
  const { until, reason } = control;
  if (Number.isNaN(Date.parse(until))) {
    return settle(run, call, { status: 'refused', text: `"${until}" is no date; give ISO 8601, e.g. ${now()}.` });
  }
  run.cell.apply(callMoved, { callId: call.id, phase: { kind: 'timer', until, reason } });
  const woken = await conditionUntil(() => hasNews(run.cell.state), until, `wait until ${until}: ${reason}`);
  return settle(run, call, ok(woken ? 'A message came before that time.' : `It is ${now()}; the time has come.`));
}

async function waitForEvent(
  run: TaskRun,
  call: Call,
  { event, deadlineHours }: Extract<ControlCall, { name: 'wait_for_event' }>,
): Promise<Status> {
  const until =
    deadlineHours === undefined ? undefined : new Date(Date.now() + deadlineHours * 3_600_000).toISOString();
  const early = run.cell.state.events.find(({ name }) => name === event);
  if (early !== undefined) return settleEarly(run, call, early);
  run.cell.apply(callMoved, {
    callId: call.id,
    phase: { kind: 'event', event, ...(until === undefined ? {} : { until }) },
  });
  const came = await conditionUntil(() => hasNews(run.cell.state), until, `wait for event ${event}`);
  if (!came) return settle(run, call, ok(`Event ${event} did not come before the deadline.`));
  const right = run.cell.state.events.find(({ name }) => name === event);
  if (right !== undefined) return settleEarly(run, call, right);
  return settle(run, call, ok(`Event ${event} has not come; a message came instead.`));
}

/** An event that is there: what it says follows where it is still to be read, and is told again where it came earlier. */
async function settleEarly(run: TaskRun, call: Call, event: KeptEvent): Promise<Status> {
  const { name, at, source, text } = event;
  const follows = isUnread(run.cell.state, event);
  run.cell.apply(eventTaken, event);
  if (follows) return settle(run, call, ok(`Event ${name} came.`));
  const came = `Event ${name} came at ${at} already`;
  if (text === undefined) return settle(run, call, ok(`${came}; what it says stands above.`));
  return settle(run, call, ok(`${came}: ${text}`), source, `${came}: `);
}

/** Waits for a condition, up to a deadline if there is one. False when the deadline came first. */
async function conditionUntil(holds: () => boolean, deadline: string | undefined, summary: string): Promise<boolean> {
  if (deadline === undefined) {
    await untilTold(holds);
    return true;
  }
  const held = await condition(holds, Math.max(Date.parse(deadline) - Date.now(), 0), { summary: summaryOf(summary) });
  await whenAtRest();
  return held;
}

/** Writes down how a call ended that no activity has written down. */
async function settle(
  run: TaskRun,
  call: Call,
  outcome: ToolOutcome,
  source = FROM_WORKFLOW,
  prefix = '',
): Promise<Status> {
  const { task, agent, turn } = run.cell.state;
  const { id: callId, name, seq } = call;
  const entry = { kind: 'tool' as const, seq, at: now(), turn, callId, name, outcome };
  const entries = [{ source, prefix, entry }];
  const label = `turn ${turn}: ${name} ${outcome.status}`;
  await persist(run, 'captureInput', () =>
    run.stage('captureInput', label).captureInput({ task, agent, turn, entries }),
  );
  run.cell.apply(callMoved, { callId, phase: settledBy(callId, outcome) });
  return outcome.status;
}

/** Large results name an artifact after their call; what they say is the same without it. */
function settledBy(callId: string, { status, text }: ToolOutcome): CallPhase {
  return { kind: 'settled', ok: status === 'ok', outcome: fingerprint(`${status} ${text.replaceAll(callId, '')}`) };
}

function ok(text: string): ToolOutcome {
  return { status: 'ok', text };
}
