import type { AgentDescription, ToolDescription } from '../../contracts/agent.ts';
import { resolveMemoryPolicy } from '../../contracts/memory-policy.ts';
import { resolvePolicy } from '../../contracts/policy.ts';
import type { AgentTaskInput } from '../../contracts/task.ts';
import type { TranscriptCall } from '../../contracts/transcript.ts';
import { openState } from '../../workflows/state/open-state.ts';
import type { TaskState } from '../../workflows/state/task-state.ts';
import { advance } from '../../workflows/transitions/transition.ts';
import { captured, described, turnBegan } from '../../workflows/transitions/turns.ts';
import { approvalSought } from '../../workflows/transitions/approvals.ts';
import { inferred } from '../../workflows/transitions/calls.ts';

/** A task's state at its beginning, for tests of what is pure. */
export const START: AgentTaskInput = {
  tenant: 'default',
  agent: 'fake',
  key: 'one',
  input: { customer: 'Ada' },
  startedBy: { kind: 'service', id: 'shop' },
};
export const AT = '2026-01-01T00:00:00.000Z';
export const ADA = { kind: 'person', id: 'ada@example.com' } as const;

const pay: ToolDescription = {
  name: 'pay',
  effect: 'once',
  approval: 'always',
  timeoutMs: 1_000,
  attempts: 1,
  whenBroken: 'block',
};

export const DESCRIPTION: AgentDescription = {
  agent: 'fake',
  goal: 'reach the end',
  plan: [{ id: 'a', title: 'Begin', status: 'open' }],
  tools: [pay, { ...pay, name: 'look', effect: 'read', approval: 'never', whenBroken: 'tell' }],
  evaluators: [],
  policy: resolvePolicy(),
  memory: resolveMemoryPolicy(),
  searchAttributes: true,
};

/** That much later than {@link AT}, in seconds. */
export function later(seconds: number): string {
  return new Date(Date.parse(AT) + seconds * 1_000).toISOString();
}

/** A task in its first turn, after the model has asked for these calls. */
export function stateWithCalls(...calls: readonly (readonly [name: string, args: object])[]): TaskState {
  let state = advance(openState(START, AT), described, DESCRIPTION, AT);
  state = advance(state, turnBegan, undefined, AT);
  state = advance(state, captured, state.pending.length, AT);
  const named = calls.map(([name, args], index): TranscriptCall => ({
    id: `t1c${index + 1}`,
    name,
    arguments: JSON.stringify(args),
  }));
  const entry = { kind: 'assistant', seq: state.nextSeq, at: AT, turn: 1, text: '', calls: named } as const;
  state = advance(state, inferred, { entry, usage: { promptTokens: 10, completionTokens: 2 } }, AT);
  return named.reduce((present, { id }) => sought(present, id), state);
}

/** As the loop does of a call that needs approval, where nobody has ever decided on one. */
function sought(state: TaskState, callId: string): TaskState {
  const checking = state.calls.some(({ id, phase }) => id === callId && phase.kind === 'checking');
  return checking ? advance(state, approvalSought, { callId, decisions: [] }, AT) : state;
}
