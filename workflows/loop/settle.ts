import type { InputSource, ToolOutcome } from '../../contracts/transcript.ts';
import { fingerprint } from '../rules/fingerprint.ts';
import { persist } from '../run/attempt.ts';
import { now } from '../run/task-cell.ts';
import type { TaskRun } from '../run/task-run.ts';
import type { Call, CallPhase } from '../state/call.ts';
import { callMoved } from '../transitions/calls.ts';

export type CallStatus = ToolOutcome['status'];
const FROM_WORKFLOW: InputSource = { kind: 'workflow' };

/** Writes down how a call ended that no activity has written down. */
export async function settle(
  run: TaskRun,
  call: Call,
  outcome: ToolOutcome,
  source = FROM_WORKFLOW,
  prefix = '',
): Promise<CallStatus> {
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
export function settledBy(callId: string, { status, text }: ToolOutcome): CallPhase {
  return { kind: 'settled', ok: status === 'ok', outcome: fingerprint(`${status} ${text.replaceAll(callId, '')}`) };
}

export function ok(text: string): ToolOutcome {
  return { status: 'ok', text };
}
