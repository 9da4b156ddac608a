import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { failure, FailureType } from '../contracts/failures.ts';
import type { ExecuteToolInput, Stages } from '../contracts/stages.ts';
import type { ToolOutcome } from '../contracts/transcript.ts';
import type { BoundCall, Tool } from '../tools/define-tool.ts';
import { ToolRefusal } from '../tools/refusal.ts';
import { abortSignal, attemptNumber, beating, fenceOf } from './attempt.ts';
import type { StageDependencies } from './dependencies.ts';
import { afterwards, projectEntry } from './project-entry.ts';
import { now, publish } from './publish.ts';
import { readyCall, toolContextOf } from './tool-call.ts';
import { capResult, resultParts } from './tool-result.ts';

/** Carries out one call: claims it, runs the tool, settles the claim, and writes the outcome into the transcript. */
export function createExecuteTool(dependencies: StageDependencies): Stages['executeTool'] {
  return async function executeTool(input) {
    const { task, turn, callId, name, seq } = input;
    const attempt = attemptNumber();
    await publish(dependencies, task, { type: 'tool-started', at: now(), turn, callId, name, attempt });
    const outcome = await beating((progress) => outcomeOf({ dependencies, input, attempt, progress })).catch(
      async (error: unknown) => {
        const message = error instanceof Error ? error.message : String(error);
        await publish(dependencies, task, {
          type: 'stage-failed',
          at: now(),
          turn,
          stage: `call ${name}`,
          message,
          attempt,
        });
        throw error;
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
  if (!call.ok) return { status: 'refused', text: call.problem };
  const execution = { ...given, tool: call.tool, bound: call.bound };
  return call.tool.description.effect === 'read' ? run(execution) : runClaimed(execution);
}

interface Attempt {
  readonly dependencies: StageDependencies;
  readonly input: ExecuteToolInput;
  readonly attempt: number;
  /** Goes out with the heartbeats. */
  readonly progress: (note: string) => void;
}

interface Execution extends Attempt {
  readonly tool: Tool;
  readonly bound: Extract<BoundCall, { ok: true }>;
}

/** Acts under a claim, so that a call that may have acted is never made blindly again. */
async function runClaimed(execution: Execution): Promise<ToolOutcome> {
  const { dependencies, input, tool } = execution;
  const { task, callId } = input;
  const once = tool.description.effect === 'once';
  const fence = fenceOf(input);
  const claim = await dependencies.claims.claim({ task, callId, attempt: fence, takeOver: !once });
  if (claim.kind === 'settled') return claim.outcome;
  if (claim.kind === 'open') return unknownOutcome(tool, 'an earlier attempt began and never reported');
  const outcome = await run(execution).catch((error: unknown) => {
    if (!once) throw error;
    return unknownOutcome(tool, `it broke off: ${error instanceof Error ? error.message : String(error)}`);
  });
  await afterwards(`claim ${callId} of ${task.taskId}`, () =>
    dependencies.claims.settle({ task, callId, attempt: fence, outcome }),
  );
  return outcome;
}

function unknownOutcome(tool: Tool, why: string): ToolOutcome {
  const text =
    `Outcome unknown: whether ${tool.description.name} took effect is not known (${why}). ` +
    'It was not called again. Find out before you go on, or ask a person.';
  return { status: 'unknown', text };
}

async function run({ dependencies, input, attempt, progress, tool, bound }: Execution): Promise<ToolOutcome> {
  const { task, callId, resultBytes } = input;
  const context = toolContextOf(dependencies, input, { attempt, progress });
  try {
    const running = bound.run(context, input.cursor);
    const result = await abortable(running, context.signal);
    const parts = resultParts(result, callId);
    const { text, artifact } = capResult(parts.text, { id: callId, limit: resultBytes });
    for (const kept of [...parts.attached, ...(artifact === undefined ? [] : [artifact])]) {
      const save = (): Promise<void> => dependencies.artifacts.save(task, kept.id, kept.text);
      if (tool.description.effect === 'read') await save();
      else await afterwards(`artifact ${kept.id} of ${task.taskId}`, save);
    }
    return {
      status: 'ok',
      text,
      ...(artifact === undefined ? {} : { artifact: { id: artifact.id, bytes: artifact.bytes } }),
    };
  } catch (error) {
    if (error instanceof ToolRefusal) return { status: 'refused', text: capText(error.message, resultBytes) };
    throw brokenBackend(tool, error, attempt);
  }
}

/** A tool that ignores its signal is left behind when its time is up, instead of holding the stage. */
async function abortable<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  let stop: (() => void) | undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    stop = () => reject(signal.reason instanceof Error ? signal.reason : new CancelledFailure('aborted'));
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    if (stop) signal.removeEventListener('abort', stop);
  }
}

/** What Temporal retries. Cancellation and failures of ours go on as they are. */
function brokenBackend(tool: Tool, error: unknown, attempt: number): unknown {
  if (error instanceof CancelledFailure || error instanceof ApplicationFailure || abortSignal().aborted) return error;
  const reason = error instanceof Error ? error.message : String(error);
  const message = `Tool ${tool.description.name} failed at attempt ${attempt}: ${reason}. If its backend is down, repair it.`;
  return failure(FailureType.ToolBackend, { message: capText(message, 2_000), cause: error });
}

function capText(text: string, limit: number): string {
  return capResult(text, { id: '', limit }).text;
}
