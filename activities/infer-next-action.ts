import type { Agent } from '../agents/define-agent.ts';
import { isControlTool } from '../contracts/control-calls.ts';
import { failure, FailureType } from '../contracts/failures.ts';
import type { RequestedCall } from '../contracts/language-model.ts';
import type { InferNextActionInput, Stages } from '../contracts/stages.ts';
import type { TranscriptCall } from '../contracts/transcript.ts';
import { controlProblem } from '../tools/control-tools.ts';
import type { Tool } from '../tools/define-tool.ts';
import { agentOf, toolsOf } from './agent-of.ts';
import { abortSignal, attemptNumber, beating, fenceOf } from './attempt.ts';
import { createDeltaPublisher } from './delta-publisher.ts';
import type { StageDependencies } from './dependencies.ts';
import { projectEntry } from './project-entry.ts';
import { now, publish } from './publish.ts';
import { routeModel } from './route-model.ts';

/** Calls of one answer that are carried out; a model that asks for more is told to ask again. */
const MOST_CALLS = 32;

/** Sends an assembled context to the model; its answer, with every call checked, becomes an entry of the transcript. */
export function createInferNextAction(dependencies: StageDependencies): Stages['inferNextAction'] {
  return async function inferNextAction(input) {
    const { task, turn, seq, contextId } = input;
    const agent = agentOf(dependencies, input.agent);
    const context = await dependencies.contexts.load(task, contextId);
    if (!context) {
      const message = `Context ${contextId} of ${task.taskId} is not in Redis any more; it is assembled again.`;
      throw failure(FailureType.ContextMissing, { message });
    }
    const available = await toolsOf(dependencies, agent);
    const deltas = createDeltaPublisher(dependencies, task, turn);
    const { messages, tools } = context;
    const signal = abortSignal();
    const onFallback = (error: Error, next: string): Promise<void> =>
      reportFailure(dependencies, input, `${error.message} Asking ${next} instead.`);
    const model = routeModel(dependencies, { route: input.route, onFallback });
    const completion = await beating(() => model.complete({ messages, tools }, { signal, onDelta: deltas.add })).catch(
      async (error: unknown) => {
        await reportFailure(dependencies, input, error instanceof Error ? error.message : String(error));
        throw error;
      },
    );
    await deltas.end();
    const calls = completion.calls.map((call, index) => checkCall({ agent, available, turn, index, call }));
    const entry = { kind: 'assistant' as const, seq, at: now(), turn, text: completion.text, calls };
    await projectEntry(dependencies, task, { entry, fence: fenceOf(input) });
    const { usage, finishReason } = completion;
    const { promptTokens, completionTokens } = usage;
    const published = calls.map(({ id, name, arguments: raw }) => ({ id, name, arguments: raw }));
    await publish(dependencies, task, {
      type: 'action-inferred',
      at: now(),
      turn,
      text: entry.text,
      calls: published,
      model: completion.model,
      promptTokens,
      completionTokens,
    });
    return { entry, usage, finishReason, model: completion.model };
  };
}

/** Names the call for this task (`t4c1`), and checks it at the door. */
function checkCall(given: {
  readonly agent: Agent;
  readonly available: readonly Tool[];
  readonly turn: number;
  readonly index: number;
  readonly call: RequestedCall;
}): TranscriptCall {
  const { call, turn, index } = given;
  const named = { id: `t${turn}c${index + 1}`, name: call.name, arguments: call.arguments };
  const problem = index >= MOST_CALLS ? `At most ${MOST_CALLS} calls are made a turn; ask again.` : problemOf(given);
  return problem === undefined ? named : { ...named, problem };
}

function problemOf({
  agent,
  available,
  call,
}: {
  agent: Agent;
  available: readonly Tool[];
  call: RequestedCall;
}): string | undefined {
  if (isControlTool(call.name)) {
    return controlProblem(call.name, call.arguments, (output) => {
      const checked = agent.checkOutput(output);
      return checked.ok ? undefined : checked.problem;
    });
  }
  const tool = available.find(({ description }) => description.name === call.name);
  if (!tool) {
    const names = available.map(({ description }) => description.name).join(', ');
    return `There is no tool "${call.name}". There are: ${names}.`;
  }
  const bound = tool.bind(call.arguments);
  return bound.ok ? undefined : bound.problem;
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
