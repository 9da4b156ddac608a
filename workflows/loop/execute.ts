import type { ToolDescription } from '../../contracts/agent.ts';
import { FailureType } from '../../contracts/failures.ts';
import type { SteppedCall, SteppedToolResult } from '../../contracts/stepped-tool.ts';
import { attempt, block } from '../run/attempt.ts';
import { neverBegan } from '../run/failures.ts';
import type { StageFailure } from '../run/failures.ts';
import { untilFree } from '../run/gates.ts';
import type { TaskRun } from '../run/task-run.ts';
import { nextRound } from '../run/task-run.ts';
import type { Call } from '../state/call.ts';
import { approvedUnmade } from '../transitions/approvals.ts';
import { callMoved } from '../transitions/calls.ts';
import { phaseOf } from './approve.ts';
import type { CallStatus } from './settle.ts';
import { settle, settledBy } from './settle.ts';
import { workInSteps } from './work-in-steps.ts';

/** Runs the tool until it ends: a broken backend is told to the model or blocks the task, as the tool says. */
export async function execute(run: TaskRun, call: Call, decisionSeq: number | undefined): Promise<CallStatus> {
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
  let gone = false;
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
    if (attempted.failure.type === FailureType.ToolGone) {
      if (!isHeldUp(run, call, attempted.failure, gone)) return settleUnmade(run, call, attempted.failure);
      gone = true;
      continue;
    }
    if (tool?.whenBroken !== 'block') return settle(run, call, { status: 'failed', text: attempted.failure.message });
    block(run, `executeTool ${name}`, attempted.failure);
  }
}

/**
 * A deploy has taken the tool away. What a person has approved is not dropped: the task is blocked until there is a worker
 * with that tool, or somebody resumes it without.
 */
function isHeldUp(run: TaskRun, call: Call, { message, ...failure }: StageFailure, before: boolean): boolean {
  const approver = approverOf(run, call);
  if (approver === undefined || before) return false;
  const why = `${call.name} (${call.id}), which ${approver} approved, was not called. ${message}`;
  const how = 'Deploy a worker that has it, or resume the task to go on without this call.';
  block(run, `executeTool ${call.name}`, { ...failure, message: `${why} ${how}` });
  return true;
}

async function settleUnmade(run: TaskRun, call: Call, { message }: StageFailure): Promise<CallStatus> {
  const approver = approverOf(run, call);
  if (approver === undefined) return settle(run, call, { status: 'refused', text: message });
  run.cell.apply(approvedUnmade, { callId: call.id, why: 'the agent has no such tool any more' });
  return settle(run, call, { status: 'refused', text: `${message} It was approved by ${approver}, and not called.` });
}

function approverOf(run: TaskRun, call: Call): string | undefined {
  const phase = phaseOf(run, call);
  return phase.kind === 'ready' ? phase.decision?.by.id : undefined;
}

/** The steps of a tool that works in steps: done once, however often the rest has to be tried. */
function stepsOf(run: TaskRun, call: SteppedCall, tool: ToolDescription): () => Promise<SteppedToolResult> {
  let worked: SteppedToolResult | undefined;
  return async () => (worked ??= await workInSteps(run, call, tool));
}
