import { failure, FailureType } from '../contracts/failures.ts';
import type { Stages } from '../contracts/stages.ts';
import type { TranscriptEntry } from '../contracts/transcript.ts';
import { abortSignal, beating, fenceOf } from './attempt.ts';
import { cutText } from './context/cut-text.ts';
import { openTokenizer } from './context/tokenizer.ts';
import type { StageDependencies } from './dependencies.ts';
import { loadTranscript } from './load-transcript.ts';
import { projectEntry } from './project-entry.ts';
import { now } from './publish.ts';

const INSTRUCTIONS = `You summarise the older part of a task's transcript for the agent that goes on with it.
Keep: decisions, commitments, open questions, answers people gave, names, ids, numbers, dates, what was tried and failed.
Leave out: greetings, repetition, raw tool output. Write plain sentences, at most 400 words. Begin from the previous summary, if there is one.`;

/** Tokens of the slice that one summary is made from. */
const MOST_TOKENS = 24_000;

/** Folds the older entries of the window, and the summary before them, into a new summary. */
export function createSummarizeTranscript(dependencies: StageDependencies): Stages['summarizeTranscript'] {
  return async function summarizeTranscript(input) {
    const { task, range, previousSummarySeq, seq } = input;
    const previous =
      previousSummarySeq === undefined
        ? []
        : await loadTranscript(dependencies, task, { from: previousSummarySeq, to: previousSummarySeq });
    const entries = await loadTranscript(dependencies, task, range);
    const told = [...previous, ...entries]
      .map(tell)
      .filter((line) => line !== '')
      .join('\n');
    const tokenizer = await openTokenizer(dependencies.model.name);
    const messages = [
      { role: 'system' as const, content: INSTRUCTIONS },
      { role: 'user' as const, content: cutText(told, tokenizer, MOST_TOKENS) },
    ];
    const signal = abortSignal();
    const completion = await beating(() => dependencies.model.complete({ messages, tools: [] }, { signal }));
    if (completion.text.trim() === '') throw emptySummary(task.taskId);
    const entry = { kind: 'summary' as const, seq, at: now(), upTo: range.to, text: completion.text };
    await projectEntry(dependencies, task, { entry, fence: fenceOf(input) });
    return { entry, usage: completion.usage };
  };
}

/** Taken as it is, it would wipe out what came before. */
function emptySummary(taskId: string): Error {
  const message = `The model gave an empty summary of ${taskId}. It is asked again; if that goes on, try another model.`;
  return failure(FailureType.ModelServerError, { message });
}

function tell(entry: TranscriptEntry): string {
  switch (entry.kind) {
    case 'message':
      return `${entry.from.kind} ${entry.from.id} at ${entry.at}: ${entry.text}`;
    case 'assistant':
      return `agent: ${entry.text} ${entry.calls.map(({ name, arguments: raw }) => `${name}(${raw})`).join(' ')}`;
    case 'tool':
      return `${entry.name} ${entry.outcome.status}: ${entry.outcome.text}`;
    case 'note':
      return `note: ${entry.text}`;
    case 'summary':
      return `previous summary: ${entry.text}`;
    case 'observation':
      return '';
  }
}
