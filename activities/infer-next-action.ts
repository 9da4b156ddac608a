import { ApplicationFailure } from '@temporalio/common';
import { failure, FailureType } from '../contracts/failures.ts';
import type { Completion, RequestedCall } from '../contracts/language-model.ts';
import type { AssembledContext } from '../contracts/projection.ts';
import type { InferNextActionInput, InferredAction, Stages } from '../contracts/stages.ts';
import type { TranscriptCall } from '../contracts/transcript.ts';
import type { UnfinishedAnswer } from '../contracts/unfinished.ts';
import { agentOf, toolsOf } from './agent/agent-of.ts';
import { abortSignal, attemptNumber, beating, fenceOf } from './attempt.ts';
import { departureOf } from './context/prompt-print.ts';
import { checkCall, MOST_CALLS } from './model/check-call.ts';
import { idleAnswer } from './model/idle-answer.ts';
import { createDeltaPublisher } from './model/delta-publisher.ts';
import type { StageDependencies } from './dependencies.ts';
import type { JoinedParts } from './joined/joined-stages.ts';
import { runJoined } from './joined/joined-stages.ts';
import { maskedFailure } from './masking/masked-failure.ts';
import { maskedProse, maskedText } from './masking/masked-texts.ts';
import { maskedOwnWords } from './masking/masked-words.ts';
import { wayOn } from './model/blamed-entry.ts';
import { openModel } from './model/open-model.ts';
import { unmadeCall } from './model/unmade-call.ts';
import { projectEntry } from './transcript/project-entry.ts';
import { now, publish } from './transcript/publish.ts';
import { toolMemoryOf } from './acting/tool-call.ts';

const LONGEST_WORD = 60;
const LONGEST_THOUGHTS = 4_000;

/** Asks the model for the next action. Stages that are joined to it run first, and hand the context on. */
export function createInferNextAction(dependencies: StageDependencies, parts: JoinedParts): Stages['inferNextAction'] {
  const infer = createInfer(dependencies);
  return async function inferNextAction(input) {
    return beating(async () => {
      const { joined } = input;
      if (joined === undefined) return infer(input, await loadContext(dependencies, input));
      const { results, context, written } = await runJoined(dependencies, parts, { ...input, joined });
      // The window cannot slide before there is a summary, and the model is not asked over half a prompt.
      if (results.assembleContext.summarizeBefore !== undefined) {
        await written;
        return { joined: results };
      }
      const [answer] = await Promise.all([infer(input, context), written]);
      return { ...answer, joined: results };
    });
  };
}

async function loadContext(
  dependencies: StageDependencies,
  { task, contextId }: InferNextActionInput,
): Promise<AssembledContext> {
  const context = await dependencies.contexts.load(task, contextId);
  if (context) return context;
  const message = `Context ${contextId} of ${task.taskId} is not in Redis any more; it is assembled again.`;
  throw failure(FailureType.ContextMissing, { message });
}

type Infer = (input: InferNextActionInput, context: AssembledContext) => Promise<InferredAction>;

/** Sends an assembled context to the model; its answer, with every call checked, becomes an entry of the transcript. */
function createInfer(dependencies: StageDependencies): Infer {
  return async function infer(input, context) {
    const { task, turn, seq } = input;
    const agent = agentOf(dependencies, input.agent);
    const available = await toolsOf(dependencies, agent);
    const where = { tenant: task.tenant, agent: agent.name };
    const masked = (text: string): string => maskedText(text, dependencies.mask, where);
    const prose = (text: string): string => maskedProse(text, dependencies.mask, where);
    const deltas = createDeltaPublisher(dependencies, task, { turn, masked: prose });
    const { messages, tools } = context;
    const signal = abortSignal();
    const onFallback = (error: Error, next: string): Promise<void> =>
      reportFailure(dependencies, input, prose(`${error.message} Asking ${next} instead.`));
    const model = openModel(dependencies, { ...context, ...input }, { onFallback });
    const adapted: string[] = [];
    const onAdapted = (what: string): void => void adapted.push(what);
    const asking = { signal, onDelta: deltas.add, onAdapted };
    const completion = await model.complete({ messages, tools }, asking).catch(async (error: unknown) => {
      await reportFailure(dependencies, input, prose(error instanceof Error ? error.message : String(error)));
      throw error instanceof ApplicationFailure ? maskedFailure(withWayOn(error, messages, task.taskId), prose) : error;
    });
    for (const what of adapted) await reportFailure(dependencies, input, prose(what));
    await deltas.end();
    const checked = { agent, available, turn, masked, context: { task, memory: toolMemoryOf(dependencies, input) } };
    const unfinished = unfinishedAnswer(completion);
    const made =
      unfinished === undefined
        ? await Promise.all(completion.calls.map((call, index) => checkCall({ ...checked, index, call })))
        : unmadeCalls(completion.unfinished?.calls ?? [], { unfinished, turn, masked });
    const { written } = completion;
    const calls = written === undefined ? made : made.map((call) => ({ ...call, written }));
    const words = maskedOwnWords(completion.words, masked);
    const entry = {
      kind: 'assistant' as const,
      seq,
      at: now(),
      turn,
      text: masked(completion.text),
      calls,
      ...thoughtsOf(completion, prose),
      ...(words === undefined ? {} : { words }),
    };
    await projectEntry(dependencies, task, { entry, fence: fenceOf(input) });
    const { usage, finishReason } = completion;
    const brokeAt = await departureOf(dependencies, task, context);
    const departed = brokeAt === undefined ? {} : { brokeAt };
    const published = calls.map(({ id, name, arguments: raw, written }) => ({
      id,
      name,
      arguments: raw,
      ...(written === undefined ? {} : { written }),
    }));
    await publish(dependencies, task, {
      type: 'action-inferred',
      at: now(),
      turn,
      text: entry.text,
      calls: published,
      model: completion.model,
      ...usage,
      ...departed,
    });
    const reads = available.find(({ from, description }) => from !== 'memory' && description.effect === 'read');
    const takes = completion.takesWritten ?? false;
    const told = { offered: tools, harmless: reads?.description.name, takes };
    const called = calls.length > 0 ? {} : { idle: idleAnswer(entry.text, told) };
    const ended = unfinished === undefined ? called : { unfinished };
    return { entry, usage, finishReason, model: completion.model, ...departed, ...ended };
  };
}

function unfinishedAnswer({ unfinished, finishReason }: Completion): UnfinishedAnswer | undefined {
  if (unfinished === undefined) return undefined;
  const { calls: _unmade, ...rest } = unfinished;
  return { ...rest, word: finishReason.slice(0, LONGEST_WORD) };
}

function unmadeCalls(
  calls: readonly RequestedCall[],
  { turn, ...told }: { unfinished: UnfinishedAnswer; turn: number; masked: (text: string) => string },
): TranscriptCall[] {
  return calls.slice(0, MOST_CALLS).map((call, index) => unmadeCall(call, { id: `t${turn}c${index + 1}`, ...told }));
}

/** What was thought is kept for people who ask why; its end tells more than its beginning. */
function thoughtsOf({ thoughts = '' }: Completion, masked: (text: string) => string): { thoughts?: string } {
  if (thoughts === '') return {};
  const text = masked(thoughts);
  return { thoughts: text.length > LONGEST_THOUGHTS ? `…${text.slice(-LONGEST_THOUGHTS).toWellFormed()}` : text };
}

/** A prompt that is refused as it stands is refused again after every resume, unless something of it is left out. */
function withWayOn(
  error: ApplicationFailure,
  messages: AssembledContext['messages'],
  taskId: string,
): ApplicationFailure {
  const { type, message, details } = error;
  if (type !== FailureType.ModelBadRequest && type !== FailureType.ModelRefused) return error;
  const told = `${message} ${wayOn(messages, message, taskId)}`.trim();
  return failure(type, { message: told, details: details ?? [] });
}

async function reportFailure(
  dependencies: StageDependencies,
  { task, turn }: InferNextActionInput,
  message: string,
): Promise<void> {
  const attempt = attemptNumber();
  await publish(dependencies, task, {
    type: 'stage-failed',
    at: now(),
    turn,
    stage: 'inferNextAction',
    message,
    attempt,
  });
}
