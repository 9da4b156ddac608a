import { setTimeout as sleep } from 'node:timers/promises';
import { ApplicationFailure } from '@temporalio/common';
import { failure, FailureType, isFailure } from '../../contracts/failures.ts';
import type { ExecuteToolInput } from '../../contracts/stages.ts';
import type { GatedCall, ToolGate } from '../../tools/tool-gate.ts';
import type { Tool } from '../../tools/define-tool.ts';
import { abortSignal, fenceOf } from '../attempt.ts';
import { afterwards } from '../transcript/project-entry.ts';

/** A wait up to this long is waited in the worker; beyond it Temporal starts another attempt when it is over. */
const LONGEST_WAIT_MS = 5_000;

/** The place of one call among those that its tool's limits let through. */
export interface Place {
  /**
   * Waits for the place.
   * @throws ApplicationFailure `ToolBackend`: retried after a full bucket's wait; not retried while the breaker is open
   */
  enter(): Promise<void>;
  /** Does the work in the place, and gives it back with word of how the backend did. */
  hold<Result>(work: () => Promise<Result>): Promise<Result>;
}

export function createPlace(
  gate: ToolGate,
  { tool, input }: { readonly tool: Tool; readonly input: ExecuteToolInput },
): Place {
  const { limits, description } = tool;
  if (limits === undefined) return { enter: async () => undefined, hold: (work) => work() };
  const { task, callId } = input;
  const holder = `${task.taskId}:${callId}:${fenceOf(input)}`;
  const call = { tool: description.name, tenant: task.tenant, limits, holder, longestMs: description.timeoutMs };
  const leave = (broke?: string): Promise<void> => afterwards(`limits of ${call.tool}`, () => gate.leave(call, broke));
  return {
    enter: () => untilFree(gate, call),
    hold: async (work) => {
      try {
        const result = await work();
        await leave();
        return result;
      } catch (error) {
        await leave(isFailure(error, FailureType.ToolBackend) && error instanceof Error ? error.message : undefined);
        throw error;
      }
    },
  };
}

async function untilFree(gate: ToolGate, call: GatedCall): Promise<void> {
  for (let waited = 0; ;) {
    const entry = await gate.enter(call);
    if (entry.kind === 'free') return;
    const seconds = Math.ceil(entry.ms / 1_000);
    if (entry.kind === 'broken') {
      const message =
        `Tool ${call.tool} is not called for another ${seconds} s, because its backend failed ` +
        `${call.limits.breaker?.failures ?? 0} times in a row; last: ${entry.reason} Then one call tries whether it is back.`;
      throw ApplicationFailure.nonRetryable(message, FailureType.ToolBackend);
    }
    waited += entry.ms;
    if (waited > LONGEST_WAIT_MS) {
      const message = `Tool ${call.tool} is at its limit; this call goes out in about ${seconds} s.`;
      throw failure(FailureType.ToolBackend, { message, retryAfterMs: entry.ms });
    }
    await sleep(entry.ms, undefined, { signal: abortSignal() });
  }
}
