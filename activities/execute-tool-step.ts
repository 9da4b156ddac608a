import { ApplicationFailure } from '@temporalio/common';
import { FailureType } from '../contracts/failures.ts';
import type { Json } from '../contracts/json.ts';
import type { StepStages, ToolStep, ToolStepInput } from '../contracts/stepped-tool.ts';
import { LONGEST_CURSOR } from '../contracts/stepped-tool.ts';
import { ToolRefusal } from '../tools/refusal.ts';
import { abortSignal, attemptNumber, beating } from './attempt.ts';
import { brokenBackend } from './acting/broken-backend.ts';
import type { StageDependencies } from './dependencies.ts';
import { maskedText } from './masking/masked-texts.ts';
import { now, publish } from './transcript/publish.ts';
import { withoutValues } from './acting/secret-references.ts';
import { readyCall, toolContextOf } from './acting/tool-call.ts';

/** Runs one step of a tool that works in steps. Not claimed: such a tool may run a step twice. */
export function createExecuteToolStep(dependencies: StageDependencies): StepStages['executeToolStep'] {
  return async function executeToolStep(input) {
    const { task, turn, callId, name } = input;
    const step = await beating((progress) => stepOf(dependencies, input, progress));
    if (step.kind === 'moved') {
      const { progress } = step;
      await publish(dependencies, task, { type: 'tool-moved', at: now(), turn, callId, name, progress });
    }
    return step;
  };
}

async function stepOf(
  dependencies: StageDependencies,
  input: ToolStepInput,
  progress: (note: string) => void,
): Promise<ToolStep> {
  abortSignal().throwIfAborted();
  const call = await readyCall(dependencies, input);
  if (!call.ok) return { kind: 'refused', text: call.problem };
  if (!call.bound.step) return { kind: 'refused', text: `The tool "${input.name}" does not work in steps any more.` };
  const attempt = attemptNumber();
  const where = { tenant: input.task.tenant, agent: input.agent };
  const told = (text: string): string => maskedText(withoutValues(text, call.secrets), dependencies.mask, where);
  const note = (text: string): void => progress(told(text));
  const context = toolContextOf(dependencies, input, { attempt, progress: note, claimId: call.claimId });
  try {
    const moved = await call.bound.step(context, input.cursor);
    checkCursor(input.name, moved.cursor);
    return { kind: 'moved', ...moved, progress: { ...moved.progress, note: told(moved.progress.note) } };
  } catch (error) {
    if (error instanceof ToolRefusal) return { kind: 'refused', text: told(error.message) };
    throw brokenBackend(error, { what: `A step of tool ${input.name}`, attempt, told });
  }
}

/** A cursor that grows would fill the history; better to stop at the first one. */
function checkCursor(tool: string, cursor: Json): void {
  const bytes = Buffer.byteLength(JSON.stringify(cursor));
  if (bytes <= LONGEST_CURSOR) return;
  const message = `The cursor of tool ${tool} has ${bytes} bytes, at most ${LONGEST_CURSOR} are kept: keep the rest elsewhere.`;
  throw ApplicationFailure.nonRetryable(message, FailureType.ToolBackend);
}
