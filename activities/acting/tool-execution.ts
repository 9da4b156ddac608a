import { ToolRefusal } from '../../tools/refusal.ts';
import type { ExecuteToolInput } from '../../contracts/stages.ts';
import type { ToolOutcome } from '../../contracts/transcript.ts';
import type { BoundCall, Probed, Tool, ToolContext } from '../../tools/define-tool.ts';
import { abortable } from './abortable.ts';
import { brokenBackend } from './broken-backend.ts';
import { runClaimed } from './claimed-run.ts';
import type { StageDependencies } from '../dependencies.ts';
import { maskedLongText, maskedText } from '../masking/masked-texts.ts';
import { afterwards } from '../transcript/project-entry.ts';
import { withoutValues } from './secret-references.ts';
import type { Place } from './through-gate.ts';
import { errorWords } from '../../contracts/error-words.ts';
import { toolContextOf } from './tool-call.ts';
import { capResult, resultParts } from './tool-result.ts';

/** One attempt at a call. */
export interface Attempt {
  readonly dependencies: StageDependencies;
  readonly input: ExecuteToolInput;
  readonly attempt: number;
  /** Goes out with the heartbeats. */
  readonly progress: (note: string) => void;
  /** Told when the tool is called. */
  readonly begin: () => void;
}

/** A call of a tool about to be made, or what undoes one. */
export interface Execution extends Attempt {
  readonly tool: Tool;
  readonly bound: Pick<Extract<BoundCall, { ok: true }>, 'run' | 'probe'>;
  /** The raw JSON text as the model wrote it. */
  readonly arguments: string;
  readonly claimId: string;
  /** Ends the idempotency key. Default: `claimId`. */
  readonly keyId?: string;
  readonly secrets: ReadonlyMap<string, string>;
}

/** Makes the call in its place: under a claim where it changes anything. */
export async function carryOut(execution: Execution, place: Place): Promise<ToolOutcome> {
  if (execution.tool.description.effect !== 'read') return runUnderClaim(execution, place);
  await place.enter();
  return place.hold(() => run(execution));
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
  const { bound } = execution;
  const context = contextOf(execution);
  try {
    context.signal.throwIfAborted();
    const found = (await (bound.probe && abortable(bound.probe(context), context.signal))) ?? { kind: 'unknown' };
    if (found.kind !== 'unknown' || found.note === undefined) return found;
    return { kind: 'unknown', note: capText(told(execution, found.note), 300) };
  } catch (error) {
    return { kind: 'unknown', note: capText(`the check failed: ${told(execution, errorWords(error))}`, 300) };
  }
}

async function run(execution: Execution): Promise<ToolOutcome> {
  const { input, begin, bound } = execution;
  begin();
  const context = contextOf(execution);
  try {
    const running = bound.run(context, input.cursor);
    const result = await abortable(running, context.signal);
    return await outcomeFrom(execution, result);
  } catch (error) {
    if (error instanceof ToolRefusal)
      return { status: 'refused', text: capText(told(execution, errorWords(error)), input.resultBytes) };
    throw brokenBackend(error, {
      what: `Tool ${execution.tool.description.name}`,
      attempt: execution.attempt,
      told: (text) => told(execution, text),
    });
  }
}

/** What a tool answered, cut to what the history keeps; the whole of it is kept as an artifact. */
async function outcomeFrom(execution: Execution, result: unknown): Promise<ToolOutcome> {
  const { dependencies, input, tool } = execution;
  const { task, callId, resultBytes } = input;
  const parts = resultParts(result, callId);
  const { text, artifact } = capResult(await toldWhole(execution, parts.text), { id: callId, limit: resultBytes });
  const attached = parts.attached.map(async ({ id, text: whole }) => {
    return { id, text: whole.startsWith('data:') ? whole : await toldWhole(execution, whole) };
  });
  for (const kept of [...(await Promise.all(attached)), ...(artifact === undefined ? [] : [artifact])]) {
    const save = (): Promise<void> => dependencies.artifacts.save(task, kept.id, kept.text);
    if (tool.description.effect === 'read') await save();
    else await afterwards(`artifact ${kept.id} of ${task.taskId}`, save);
  }
  return {
    status: 'ok',
    text,
    ...(artifact === undefined ? {} : { artifact: { id: artifact.id, bytes: artifact.bytes } }),
  };
}

/** Notes go out with every heartbeat. */
const LONGEST_NOTE = 1_000;

/** What leaves the worker of what a tool said: without the secrets it was given, nor any others. */
function told({ dependencies, input, secrets }: Execution, text: string): string {
  const { tenant } = input.task;
  return maskedText(withoutValues(text, secrets), dependencies.mask, { tenant, agent: input.agent });
}

/** Most bytes of a text that are looked at and kept: its beginning and its end. Beyond that a tool has a file to give. */
const MOST_BYTES = 8_388_608;

/** `told` of a text that may be very long, without a standstill of the worker. */
async function toldWhole({ dependencies, input, secrets }: Execution, text: string): Promise<string> {
  const { tenant } = input.task;
  const whole = withoutValues(capText(text, MOST_BYTES), secrets);
  return maskedLongText(whole, dependencies.mask, { tenant, agent: input.agent });
}

/** Notes of progress go out with the heartbeats, and are shown. */
function contextOf(execution: Execution): ToolContext {
  const { dependencies, input, attempt, claimId, keyId = claimId } = execution;
  const progress = (note: string): void => execution.progress(told(execution, capText(note, LONGEST_NOTE)));
  return toolContextOf(dependencies, input, { attempt, progress, claimId: keyId });
}

function capText(text: string, limit: number): string {
  return capResult(text, { id: '', limit }).text;
}
