import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { failure, FailureType, isFailure, NEVER_BEGAN } from '../contracts/failures.ts';
import type { ExecuteToolInput, Stages } from '../contracts/stages.ts';
import type { ToolOutcome } from '../contracts/transcript.ts';
import type { BoundCall, Probed, Tool } from '../tools/define-tool.ts';
import { ToolRefusal } from '../tools/refusal.ts';
import { abortSignal, attemptNumber, beating, fenceOf } from './attempt.ts';
import { runClaimed } from './claimed-run.ts';
import type { StageDependencies } from './dependencies.ts';
import { afterwards, projectEntry } from './project-entry.ts';
import { now, publish } from './publish.ts';
import { maskedText } from './masked-texts.ts';
import { withoutValues } from './secret-references.ts';
import type { Place } from './through-gate.ts';
import { createPlace } from './through-gate.ts';
import { readyCall, toolContextOf } from './tool-call.ts';
import { capResult, resultParts } from './tool-result.ts';

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
        const message = messageOf(error);
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
  if (!call.ok) return { status: 'refused', text: call.problem };
  const execution = {
    ...given,
    tool: call.tool,
    bound: call.bound,
    arguments: call.arguments,
    claimId: call.claimId,
    secrets: call.secrets,
  };
  const place = createPlace(dependencies.gate, { tool: call.tool, input });
  if (call.tool.description.effect !== 'read') return runUnderClaim(execution, place);
  await place.enter();
  return place.hold(() => run(execution));
}

interface Attempt {
  readonly dependencies: StageDependencies;
  readonly input: ExecuteToolInput;
  readonly attempt: number;
  /** Goes out with the heartbeats. */
  readonly progress: (note: string) => void;
  /** Told when the tool is called. */
  readonly begin: () => void;
}

interface Execution extends Attempt {
  readonly tool: Tool;
  readonly bound: Extract<BoundCall, { ok: true }>;
  /** The raw JSON text as the model wrote it. */
  readonly arguments: string;
  readonly claimId: string;
  readonly secrets: ReadonlyMap<string, string>;
}

async function runUnderClaim(execution: Execution, place: Place): Promise<ToolOutcome> {
  const { dependencies, input, tool, bound } = execution;
  const probe = bound.probe === undefined ? {} : { probe: () => probed(execution) };
  return runClaimed(dependencies, input, {
    tool,
    arguments: execution.arguments,
    claimId: execution.claimId,
    enter: () => place.enter(),
    run: () => place.hold(() => run(execution)),
    ...probe,
    found: (result) => outcomeFrom(execution, result),
  });
}

/** A check that breaks knows nothing. */
async function probed(execution: Execution): Promise<Probed> {
  const { dependencies, input, bound } = execution;
  const context = toolContextOf(dependencies, input, quiet(execution));
  try {
    context.signal.throwIfAborted();
    const found = (await (bound.probe && abortable(bound.probe(context), context.signal))) ?? { kind: 'unknown' };
    if (found.kind !== 'unknown' || found.note === undefined) return found;
    return { kind: 'unknown', note: capText(told(execution, found.note), 300) };
  } catch (error) {
    return { kind: 'unknown', note: capText(`the check failed: ${told(execution, messageOf(error))}`, 300) };
  }
}

async function run(execution: Execution): Promise<ToolOutcome> {
  const { dependencies, input, begin, bound } = execution;
  begin();
  const context = toolContextOf(dependencies, input, quiet(execution));
  try {
    const running = bound.run(context, input.cursor);
    const result = await abortable(running, context.signal);
    return await outcomeFrom(execution, result);
  } catch (error) {
    if (error instanceof ToolRefusal)
      return { status: 'refused', text: capText(told(execution, error.message), input.resultBytes) };
    throw brokenBackend(execution, error);
  }
}

/** What a tool answered, cut to what the history keeps; the whole of it is kept as an artifact. */
async function outcomeFrom(execution: Execution, result: unknown): Promise<ToolOutcome> {
  const { dependencies, input, tool } = execution;
  const { task, callId, resultBytes } = input;
  const parts = resultParts(result, callId);
  const { text, artifact } = capResult(told(execution, parts.text), { id: callId, limit: resultBytes });
  for (const kept of [...parts.attached, ...(artifact === undefined ? [] : [artifact])]) {
    const text = kept.text.startsWith('data:') ? kept.text : told(execution, kept.text);
    const save = (): Promise<void> => dependencies.artifacts.save(task, kept.id, text);
    if (tool.description.effect === 'read') await save();
    else await afterwards(`artifact ${kept.id} of ${task.taskId}`, save);
  }
  return {
    status: 'ok',
    text,
    ...(artifact === undefined ? {} : { artifact: { id: artifact.id, bytes: artifact.bytes } }),
  };
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

/** Says that a failure came before the tool was called, so that the call may be made however much of Redis is lost. */
function neverBegan(error: unknown): unknown {
  if (!isFailure(error, FailureType.MemoryUnavailable)) return error;
  return failure(FailureType.MemoryUnavailable, { message: messageOf(error), cause: error, details: [NEVER_BEGAN] });
}

/** What Temporal retries. Cancellation and failures of ours go on as they are. */
function brokenBackend(execution: Execution, error: unknown): unknown {
  const { tool, attempt } = execution;
  if (error instanceof CancelledFailure || error instanceof ApplicationFailure || abortSignal().aborted) return error;
  const reason = told(execution, messageOf(error));
  const message = `Tool ${tool.description.name} failed at attempt ${attempt}: ${reason}. If its backend is down, repair it.`;
  return failure(FailureType.ToolBackend, {
    message: capText(message, 2_000),
    cause: maskedCause(execution, error),
    retryAfterMs: retryAfterOf(error),
  });
}

/** The longest that a backend's word on when to come back is heeded: after that, trying is how one finds out. */
const LONGEST_RETRY_AFTER_MS = 3_600_000;

/** Milliseconds that the backend asked for before the next attempt: an error's own `retryAfterMs`. */
function retryAfterOf(error: unknown): number | undefined {
  const asked: unknown = error instanceof Error && 'retryAfterMs' in error ? error.retryAfterMs : undefined;
  return typeof asked === 'number' && asked >= 0 ? Math.min(asked, LONGEST_RETRY_AFTER_MS) : undefined;
}

/** An error's stack and causes may quote what its message does. */
function maskedCause(execution: Execution, error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const masked = new Error(told(execution, error.message));
  masked.name = error.name;
  masked.stack = told(execution, error.stack ?? '');
  return masked;
}

/** Notes of progress go out with the heartbeats, and are shown. */
function quiet(execution: Execution): Execution {
  return { ...execution, progress: (note) => execution.progress(told(execution, note)) };
}

/** What leaves the worker of what a tool said: without the secrets it was given, nor any others. */
function told({ dependencies, input, secrets }: Execution, text: string): string {
  const { tenant } = input.task;
  return maskedText(withoutValues(text, secrets), dependencies.mask, { tenant, agent: input.agent });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function capText(text: string, limit: number): string {
  return capResult(text, { id: '', limit }).text;
}
