import { until } from '../run/order.ts';
import { recallDecisions } from '../run/stages.ts';
import { now } from '../run/task-cell.ts';
import type { TaskRun } from '../run/task-run.ts';
import { attempt, persist } from '../run/attempt.ts';
import type { Call, CallPhase, Decision } from '../state/call.ts';
import { approvalSought } from '../transitions/approvals.ts';

/** What was decided of a call. */
export type Verdict =
  | Extract<CallPhase, { kind: 'rejected' }>
  /** `decisionSeq`: the entry with other arguments, where somebody has changed them. */
  | { readonly kind: 'allowed'; readonly decisionSeq?: number };

/** Waits until a call that needs approval is decided on: by what people have decided before, or by somebody now. */
export async function untilDecided(run: TaskRun, call: Call): Promise<Verdict> {
  if (phaseOf(run, call).kind === 'checking') await seekApproval(run, call);
  await until(() => phaseOf(run, call).kind !== 'approval');
  const phase = phaseOf(run, call);
  if (phase.kind === 'rejected') return phase;
  if (phase.kind !== 'ready' || phase.decision === undefined) return { kind: 'allowed' };
  await writeDown(run, call, phase.decision);
  const { changed, seq } = phase.decision;
  return changed === undefined ? { kind: 'allowed' } : { kind: 'allowed', decisionSeq: seq };
}

/** A register that cannot be asked has decided nothing. */
async function seekApproval({ cell }: TaskRun, call: Call): Promise<void> {
  const { task, agent, subject } = cell.state;
  const asked = { task, agent, tool: call.name, ...(subject === undefined ? {} : { subject }) };
  const attempted = await attempt(cell, () => recallDecisions(asked));
  const decisions = attempted.kind === 'done' ? attempted.result : [];
  cell.apply(approvalSought, { callId: call.id, decisions });
}

/** Who has allowed it, and with what arguments, joins the transcript before the call is made. */
async function writeDown(run: TaskRun, call: Call, decision: Decision): Promise<void> {
  const { task, agent, turn } = run.cell.state;
  const { seq, by, source, prefix, changed } = decision;
  const made = changed === undefined ? { callId: call.id } : { callId: call.id, argumentsAt: prefix.length };
  const entry = { kind: 'note' as const, seq, at: now(), text: `${prefix}${changed ?? ''}`, by, decision: made };
  await persist(run, 'captureInput', () =>
    run.stage('captureInput', `turn ${turn}: ${call.name} is allowed`).captureInput({
      task,
      agent,
      turn,
      entries: [{ source, prefix, entry }],
    }),
  );
}

/** Where a call stands now. */
export function phaseOf(run: TaskRun, call: Call): CallPhase {
  return run.cell.state.calls.find(({ id }) => id === call.id)?.phase ?? call.phase;
}
