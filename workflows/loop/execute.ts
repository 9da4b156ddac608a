import type { ToolDescription } from '../../contracts/agent.ts';
import type { SteppedCall, SteppedToolResult } from '../../contracts/stepped-tool.ts';
import { attempt, block } from '../run/attempt.ts';
import { neverBegan } from '../run/failures.ts';
import { untilFree } from '../run/gates.ts';
import type { TaskRun } from '../run/task-run.ts';
import { nextRound } from '../run/task-run.ts';
import type { Call } from '../state/call.ts';
import { callMoved } from '../transitions/calls.ts';
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
