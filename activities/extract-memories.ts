import { uniqueTaskId } from '../contracts/ids.ts';
import { subjectScope } from '../contracts/memory.ts';
import type { ExtractMemoriesInput, Stages } from '../contracts/stages.ts';
import { createExtractor, planReadings, withoutAnnotations } from '../memory/index.ts';
import type { ExtractionSource } from '../memory/index.ts';
import { agentOf } from './agent/agent-of.ts';
import { abortSignal, attemptNumber, beating } from './attempt.ts';
import { openTokenizer } from './context/tokenizer.ts';
import type { StageDependencies } from './dependencies.ts';
import { loadTranscript } from './transcript/load-transcript.ts';
import { openModel } from './model/open-model.ts';
import { now, publish } from './transcript/publish.ts';
import { turnSources } from './remembering/turn-sources.ts';

/**
 * Asks a model what is worth remembering of what a turn has brought: once for all of it or, where that is too long, for one
 * of its readings. It writes nothing.
 */
export function createExtractMemories(dependencies: StageDependencies): Stages['extractMemories'] {
  return async function extractMemories(input) {
    const { task, turn, range, subject, reading = 1 } = input;
    const { extraction, extractionPrompt } = agentOf(dependencies, input.agent).memory;
    const model = openModel(dependencies, input);
    const entries = await loadTranscript(dependencies, task, range);
    const tokenizer = await openTokenizer(model.name);
    const about = subject === undefined ? {} : { subject };
    const target = {
      scope: subjectScope({ taskId: task.taskId, ...about }),
      ...about,
      idPrefix: `${uniqueTaskId(task.taskId, input.taskStartedAt)}:t${turn}:x`,
    };
    const sources = turnSources(task.taskId, turn, entries).map(unannotated);
    const { readings, unread } = planReadings(sources, { target, policy: extraction, countTokens: tokenizer.count });
    const prompt = extractionPrompt === undefined ? {} : { prompt: extractionPrompt };
    const extractor = createExtractor({ model, policy: extraction, ...prompt });
    const signal = abortSignal();
    const asked = readings[reading - 1] ?? { sources: [], target };
    const slots = asked.sources.length === 0 ? [] : await dependencies.memories.slots(task.tenant, target.scope);
    const found = await beating(() => extractor.extract(asked.sources, { ...asked.target, slots }, { signal })).catch(
      async (error: unknown) => {
        await reportFailure(dependencies, input, error);
        throw error;
      },
    );
    return { usage: NOTHING_USED, ...found, readings: readings.length, unread: reading === 1 ? unread : [] };
  };
}

/** Rules have taken what a tool says about its result. */
function unannotated(source: ExtractionSource): ExtractionSource {
  return source.trust === 'tool' ? { ...source, text: withoutAnnotations(source.text) } : source;
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
