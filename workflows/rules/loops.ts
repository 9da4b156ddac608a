import type { Ladder } from '../../contracts/control-policy.ts';
import type { LoopFinding } from '../../contracts/transcript.ts';
import { callFingerprint } from './fingerprint.ts';
import type { TaskState } from '../state/task-state.ts';

/** A call that was made, and what came of it, as fingerprints. */
export interface CallTrace {
  readonly call: string;
  readonly outcome: string;
}

/** What is done about a loop, in the order in which it becomes serious. */
export type LoopStep = 'tell' | 'ask' | 'block';

/** Calls that are no work of their own: repeating them means nothing. */
const NOT_TRACED: readonly string[] = ['finish', 'update_plan', 'wait_until', 'wait_for_event'];
/** After these the world may be another one. */
const WAITS: readonly string[] = ['wait_until', 'wait_for_event'];
const KEPT_TRACES = 100;

/**
 * The traces after this turn's calls have ended. Calls of one turn that are the same count once: the model has not seen
 * what the others came to. A wait begins them anew.
 */
export function tracesAfter({ traces, calls }: TaskState): readonly CallTrace[] {
  if (calls.some(({ name }) => WAITS.includes(name))) return [];
  const made = calls.flatMap(({ name, arguments: raw, phase }) =>
    phase.kind !== 'settled' || phase.outcome === undefined || NOT_TRACED.includes(name)
      ? []
      : [{ call: callFingerprint(name, raw), outcome: phase.outcome }],
  );
  const once = made.filter(({ call, outcome }, at) => {
    return made.findIndex((other) => other.call === call && other.outcome === outcome) === at;
  });
  return [...traces, ...once].slice(-KEPT_TRACES);
}

/** The loop that the task is in after this turn's calls, and what is to be done about it; the more serious of two. */
export function loopOf(state: TaskState): { readonly finding: LoopFinding; readonly step: LoopStep } | undefined {
  const loops = state.description?.policy.loops;
  if (loops === undefined) return undefined;
  const found = [sameCall(state, loops.sameCall), noProgress(state, loops.noProgress)];
  const steps: readonly LoopStep[] = ['block', 'ask', 'tell'];
  for (const step of steps) {
    const one = found.find((candidate) => candidate?.step === step);
    if (one !== undefined) return one;
  }
  return undefined;
}

function sameCall(state: TaskState, ladder: Ladder) {
  const counted = state.calls.flatMap(({ id, name, arguments: raw, phase }) => {
    if (phase.kind !== 'settled' || phase.outcome === undefined || NOT_TRACED.includes(name)) return [];
    const call = callFingerprint(name, raw);
    const times = state.traces.filter((trace) => trace.call === call && trace.outcome === phase.outcome).length;
    return [{ kind: 'same-call' as const, callId: id, tool: name, times }];
  });
  const [worst] = counted.toSorted((one, other) => other.times - one.times);
  const step = worst && stepOf(worst.times, ladder);
  return worst && step && { finding: worst, step };
}

/** Counted in turns since the plan moved or something came from outside; told once, not every turn. */
function noProgress({ plan, turn, progressTurn }: TaskState, ladder: Ladder) {
  if (!plan.some(({ status }) => status === 'open' || status === 'active')) return undefined;
  const turns = turn - progressTurn;
  const step = stepOf(turns, ladder);
  if (step === undefined || (step === 'tell' && turns % ladder.tell !== 0)) return undefined;
  return { finding: { kind: 'no-progress' as const, turns }, step };
}

/** The highest step that so many have reached; a threshold of 0 is never reached. */
export function stepOf(count: number, { tell, ask, block }: Ladder): LoopStep | undefined {
  const reached = (threshold: number): boolean => threshold > 0 && count >= threshold;
  if (reached(block)) return 'block';
  if (reached(ask)) return 'ask';
  return reached(tell) ? 'tell' : undefined;
}

/** What happened, in a sentence. */
export function loopText(finding: LoopFinding): string {
  return finding.kind === 'same-call'
    ? `${finding.tool} was called ${finding.times} times with the same arguments and the same outcome`
    : `No step of the plan was finished in ${finding.turns} turns`;
}
