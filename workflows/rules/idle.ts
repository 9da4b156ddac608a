import { idleWords, nudgeFor } from '../../contracts/idle-answer.ts';
import type { IdleAnswer } from '../../contracts/idle-answer.ts';
import type { LoopPolicy } from '../../contracts/policy.ts';
import type { UnfinishedAnswer } from '../../contracts/unfinished.ts';
import { unfinishedText } from '../../contracts/unfinished.ts';
import type { TaskState } from '../state/task-state.ts';

/** Why a task is blocked. */
export interface IdleBlock {
  readonly type: 'IdleModel' | 'Answer.Cut' | 'Answer.Unknown';
  readonly message: string;
}

/** As an answer was taken of which nothing more is known. */
const PROSE: IdleAnswer = { kind: 'prose', said: '' };

/** What the model is told after a turn that did nothing. */
export function nudgeOf({ unfinished, idle = PROSE, idleTurns }: TaskState): string {
  return unfinished === undefined ? nudgeFor(idle, { first: idleTurns === 1 }) : unfinishedText(unfinished);
}

/** Why the task is blocked after too many turns in a row that did nothing, and what mends it. */
export function idleBlock({ idleTurns, unfinished, idle = PROSE, task }: TaskState, { models }: LoopPolicy): IdleBlock {
  if (unfinished === undefined) {
    const message = `The model called no tool in ${idleTurns} turns in a row. ${idleWords(idle)} Send it a message that helps, then resume.`;
    return { type: 'IdleModel', message };
  }
  const turns = `${idleTurns} ${idleTurns === 1 ? 'turn' : 'turns in a row'}`;
  if (unfinished.why === 'unknown') {
    const message = `Nothing was done in ${turns}: the server ended the model's answer with "${unfinished.word}", which is no good end. Ask another model or server, or send the task a message that helps, then resume.`;
    return { type: 'Answer.Unknown', message };
  }
  const advice = adviceFor(unfinished, models.inferNextAction.answerTokens, task.taskId);
  const how = unfinished.why === 'cut' ? `was cut at ${unfinished.tokens} tokens` : 'ended in the middle of a call';
  return { type: 'Answer.Cut', message: `Nothing was done in ${turns}: the model's answer ${how}. ${advice}` };
}

function adviceFor({ why, tokens, bound }: UnfinishedAnswer, allowed: number, taskId: string): string {
  if (why === 'within-call') {
    return `Either its server cut it (is models.inferNextAction.answerTokens, ${allowed}, enough?), or this model writes no complete JSON: try another, then resume.`;
  }
  if (bound !== undefined && bound < allowed) {
    return `Its budget left room for no more: waymark budget ${taskId} --add-tokens 500000.`;
  }
  if (bound !== undefined && tokens < bound) {
    return `That is less than the ${bound} that models.inferNextAction.answerTokens allows: the server has a bound of its own, or its context is full. Raise it there, or give the prompt less with context.total, then resume.`;
  }
  return `Raise models.inferNextAction.answerTokens (${allowed}) in the agent's policy, or lower its effort where it thinks too long, then resume.`;
}
