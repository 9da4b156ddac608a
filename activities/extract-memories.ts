import { uniqueTaskId } from '../contracts/ids.ts';
import { subjectScope } from '../contracts/memory.ts';
import type { ExtractMemoriesInput, Stages } from '../contracts/stages.ts';
import { createExtractor } from '../memory/index.ts';
import { agentOf } from './agent-of.ts';
import { abortSignal, attemptNumber, beating } from './attempt.ts';
import { openTokenizer } from './context/tokenizer.ts';
import type { StageDependencies } from './dependencies.ts';
import { loadTranscript } from './load-transcript.ts';
import { openModel } from './open-model.ts';
import { now, publish } from './publish.ts';
import { fitSources } from './remembering/fit-sources.ts';
import { turnSources } from './remembering/turn-sources.ts';

/** Asks a model, once for all that a turn has brought, what of it is worth remembering. It writes nothing. */
export function createExtractMemories(dependencies: StageDependencies): Stages['extractMemories'] {
  return async function extractMemories(input) {
    const { task, turn, range, subject } = input;
    const { extraction, extractionPrompt } = agentOf(dependencies, input.agent).memory;
    const model = openModel(dependencies, input);
    const entries = await loadTranscript(dependencies, task, range);
    const tokenizer = await openTokenizer(model.name);
    const budget = extraction.sourceTokens;
    const sources = fitSources(turnSources(task.taskId, turn, entries), { tokenizer, budget });
    const prompt = extractionPrompt === undefined ? {} : { prompt: extractionPrompt };
    const extractor = createExtractor({ model, policy: extraction, ...prompt });
    const target = {
      scope: subjectScope({ taskId: task.taskId, ...(subject === undefined ? {} : { subject }) }),
      ...(subject === undefined ? {} : { subject }),
      idPrefix: `${uniqueTaskId(task.taskId, input.taskStartedAt)}:t${turn}:x`,
    };
    const signal = abortSignal();
    const found = await beating(() => extractor.extract(sources, target, { signal })).catch(async (error: unknown) => {
      await reportFailure(dependencies, input, error);
      throw error;
    });
    return { usage: NOTHING_USED, ...found };
  };
}

/** Where a turn has brought nothing but what was recalled, no model is asked. */
const NOTHING_USED = { promptTokens: 0, completionTokens: 0 };

async function reportFailure(
  dependencies: StageDependencies,
  { task, turn }: ExtractMemoriesInput,
  error: unknown,
): Promise<void> {
  const message = error instanceof Error ? error.message : String(error);
  const attempt = attemptNumber();
  await publish(dependencies, task, {
    type: 'stage-failed',
    at: now(),
    turn,
    stage: 'extractMemories',
    message,
    attempt,
  });
}
