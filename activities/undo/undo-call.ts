import type { TranscriptEntry } from '../../contracts/transcript.ts';
import { uniqueTaskId } from '../../contracts/ids.ts';
import type { UndoCallInput, UndoneCall, UndoStages } from '../../contracts/undo.ts';
import type { ToolOutcome } from '../../contracts/transcript.ts';
import type { DoneCall } from '../../tools/compensation.ts';
import type { Tool } from '../../tools/define-tool.ts';
import { attemptNumber, beating } from '../attempt.ts';
import type { StageDependencies } from '../dependencies.ts';
import { loadTranscript } from '../transcript/load-transcript.ts';
import { createPlace } from '../acting/through-gate.ts';
import type { ReadyCall } from '../acting/tool-call.ts';
import { readyCall } from '../acting/tool-call.ts';
import { carryOut } from '../acting/tool-execution.ts';

/** What is kept of what an undoing answers, in bytes. */
const RESULT_BYTES = 4_096;

type Ready = Extract<ReadyCall, { ok: true }>;

/** Undoes one call: an effect of its own, under a claim of its own. */
export function createUndoCall(dependencies: StageDependencies): UndoStages['undoCall'] {
  return async function undoCall(input) {
    const { reference } = input;
    const ready = await readyCall(dependencies, reference);
    if (!ready.ok) return undone(input, { status: 'refused', text: ready.problem });
    const outcome = await beating((progress) => carryOutUndo(dependencies, { input, ready, progress }));
    return undone(input, outcome);
  };
}

async function carryOutUndo(
  dependencies: StageDependencies,
  given: { readonly input: UndoCallInput; readonly ready: Ready; readonly progress: (note: string) => void },
): Promise<ToolOutcome> {
  const { input, ready, progress } = given;
  const { reference, tries, ledger, round } = input;
  const { compensate } = ready.bound;
  const { undo } = ready.tool.description;
  if (compensate === undefined || undo === undefined) {
    return { status: 'refused', text: `The tool "${reference.name}" does not say any more how it is undone.` };
  }
  const done = await doneCall(dependencies, input, ready);
  // A person who asks again asks anew; the backend still knows it by the same key.
  const keyId = `undo-${ready.claimId}`;
  const claimId = tries === 0 ? keyId : `${keyId}-${tries}`;
  const callId = `undo-${reference.callId}`;
  const asked = { ...reference, callId, round, ledger, seq: 0, resultBytes: RESULT_BYTES };
  const attempt = attemptNumber();
  const place = createPlace(dependencies.gate, { tool: ready.tool, input: asked });
  return carryOut(
    {
      dependencies,
      input: asked,
      attempt,
      progress,
      begin: () => undefined,
      tool: named(ready.tool, undo.effect),
      bound: { run: (context) => compensate(done, context) },
      arguments: ready.arguments,
      claimId,
      keyId,
      secrets: ready.secrets,
    },
    place,
  );
}

/** The tool as its undoing is told of: with the effect that undoing has. */
function named(tool: Tool, effect: 'idempotent' | 'once'): Tool {
  const { description } = tool;
  return { ...tool, description: { ...description, name: `undo of ${description.name}`, effect } };
}

async function doneCall(
  dependencies: StageDependencies,
  { reference }: UndoCallInput,
  { claimId }: Ready,
): Promise<DoneCall> {
  const { task, taskStartedAt, seq } = reference;
  const idempotencyKey = `${uniqueTaskId(task.taskId, taskStartedAt)}:${claimId}`;
  if (seq === undefined) return { result: undefined, idempotencyKey };
  const [entry] = await loadTranscript(dependencies, task, { from: seq, to: seq });
  return { result: resultIn(entry), idempotencyKey };
}

function resultIn(entry: TranscriptEntry | undefined): unknown {
  if (entry?.kind !== 'tool' || entry.outcome.status !== 'ok') return undefined;
  const { text } = entry.outcome;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function undone({ reference }: UndoCallInput, { status, text }: ToolOutcome): UndoneCall {
  const state = status === 'ok' ? 'undone' : status;
  return { callId: reference.callId, state, note: text };
}
