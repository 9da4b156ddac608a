import { keys, TIME_TO_LIVE } from '../../contracts/keys.ts';
import type { TaskRef } from '../../contracts/ids.ts';
import type { AssembledContext } from '../../contracts/projection.ts';
import type { TranscriptStore } from '../../contracts/projection.ts';
import type { TranscriptEntry } from '../../contracts/transcript.ts';
import { connectRedis, createContextStore, createTranscriptStore } from '../../memory/index.ts';
import { CommandError } from '../command-error.ts';
import type { Surroundings } from './surroundings.ts';
import { findTaskRecord } from './task-record.ts';

const DAY_SECONDS = 86_400;
/** Entries of a transcript that are read at a time. */
const PAGE = 500;

/** What the model said in a turn. */
export type Said = Extract<TranscriptEntry, { kind: 'assistant' }>;

/** A prompt and, where there is one yet, the answer to it. */
export interface AnsweredContext {
  readonly context: AssembledContext;
  readonly answer?: Said;
}

/**
 * What the model was sent in a turn, and what it said; without a number, in the newest one.
 * @throws CommandError that says why it is not there: no such turn, or no longer kept
 */
export async function loadContext(
  surroundings: Surroundings,
  task: TaskRef,
  asked: number | undefined,
): Promise<AnsweredContext> {
  const record = await findTaskRecord(surroundings, task);
  const turn = asked ?? record?.turn ?? 1;
  const redis = connectRedis({ url: surroundings.redisUrl });
  try {
    const context = await createContextStore(redis).load(task, `t${turn}`);
    // A key may be used again after a task failed; what is older than the task is not of this one.
    if (context !== undefined && !(record !== undefined && context.at < record.startedAt)) {
      const answer = await findAnswer(createTranscriptStore(redis), task, turn);
      return answer === undefined ? { context } : { context, answer };
    }
  } finally {
    redis.disconnect();
  }
  if (record !== undefined && turn > record.turn) {
    throw new CommandError(`${task.taskId} has come to turn ${record.turn}; there is no turn ${turn} yet.`);
  }
  const days = TIME_TO_LIVE.context / DAY_SECONDS;
  throw new CommandError(
    `The context of turn ${turn} of ${task.taskId} is gone: contexts are kept in Redis for ${days} days (${keys.context(task, `t${turn}`)}). ` +
      'What was said and done in the turn still stands in the workflow history.',
  );
}

async function findAnswer(transcripts: TranscriptStore, task: TaskRef, turn: number): Promise<Said | undefined> {
  for (let from = 1; ; from += PAGE) {
    const entries = await transcripts.read(task, { from, to: from + PAGE - 1 });
    const said = entries.find((entry): entry is Said => entry.kind === 'assistant' && entry.turn === turn);
    if (said !== undefined || entries.length === 0) return said;
  }
}
