import { errorWords } from '../contracts/error-words.ts';
import { failure, FailureType, isFailure, NEVER_BEGAN } from '../contracts/failures.ts';
import type { Stages } from '../contracts/stages.ts';
import type { ToolOutcome } from '../contracts/transcript.ts';
import { abortSignal, attemptNumber, beating, fenceOf } from './attempt.ts';
import type { StageDependencies } from './dependencies.ts';
import { projectEntry } from './transcript/project-entry.ts';
import { now, publish } from './transcript/publish.ts';
import { createPlace } from './acting/through-gate.ts';
import { readyCall } from './acting/tool-call.ts';
import type { Attempt } from './acting/tool-execution.ts';
import { carryOut } from './acting/tool-execution.ts';

/** Carries out one call: claims it, runs the tool, settles the claim, and writes the outcome into the transcript. */
export function createExecuteTool(dependencies: StageDependencies): Stages['executeTool'] {
  return async function executeTool(input) {
    const { task, turn, callId, name, seq } = input;
    const attempt = attemptNumber();
    await publish(dependencies, task, { type: 'tool-started', at: now(), turn, callId, name, attempt });
    let began = false;
    const begin = (): void => void (began = true);
    const outcome = await beating((progress) => outcomeOf({ dependencies, input, attempt, progress, begin })).catch(
      async (error: unknown) => {
        const message = errorWords(error);
        await publish(dependencies, task, {
          type: 'stage-failed',
          at: now(),
          turn,
          stage: `call ${name}`,
          message,
          attempt,
        });
        throw attempt === 1 && !began ? neverBegan(error) : error;
      },
    );
    const entry = { kind: 'tool' as const, seq, at: now(), turn, callId, name, outcome };
    await projectEntry(dependencies, task, { entry, fence: fenceOf(input) });
    await publish(dependencies, task, { type: 'tool-finished', at: now(), turn, callId, name, outcome });
    return { entry };
  };
}

async function outcomeOf(given: Attempt): Promise<ToolOutcome> {
  const { dependencies, input } = given;
  abortSignal().throwIfAborted();
  const call = await readyCall(dependencies, input);
  if (!call.ok && call.gone) throw failure(FailureType.ToolGone, { message: call.problem });
  if (!call.ok) return { status: 'refused', text: call.problem };
  const { tool, bound, arguments: raw, claimId, secrets } = call;
  const place = createPlace(dependencies.gate, { tool, input });
  return carryOut({ ...given, tool, bound, arguments: raw, claimId, secrets }, place);
}

/** Says that a failure came before the tool was called, so that the call may be made however much of Redis is lost. */
function neverBegan(error: unknown): unknown {
  if (!isFailure(error, FailureType.MemoryUnavailable)) return error;
  return failure(FailureType.MemoryUnavailable, { message: errorWords(error), cause: error, details: [NEVER_BEGAN] });
}
