import type { TaskHandle } from '../../client/index.ts';
import { statusWords, WaymarkError } from '../../client/index.ts';
import type { Approval, Question } from '../../contracts/requests.ts';
import type { TaskProgress, TaskStatus } from '../../contracts/task.ts';
import { CommandError, UsageError } from '../command-error.ts';
import { shortLine } from '../terminal/plain-text.ts';

const LONGEST = 60;

/** The one open question of a task. @throws CommandError where there is none, or more than one */
export async function onlyQuestion(task: TaskHandle, text?: string): Promise<string> {
  const { questions, status } = await progressOf(task, 'question');
  if (questions.some(({ id }) => id === text)) {
    throw new UsageError(`The answer is missing: waymark answer ${task.taskId} ${text} 'your answer'`);
  }
  return only(task.taskId, { what: 'question', command: 'answer', status }, questions.map(questionWords));
}

/** The one open approval of a task. @throws CommandError where there is none, or more than one */
export async function onlyApproval(task: TaskHandle, command: 'approve' | 'reject'): Promise<string> {
  const { approvals, status } = await progressOf(task, 'call');
  return only(task.taskId, { what: 'approval', command, status }, approvals.map(approvalWords));
}

interface Named {
  readonly id: string;
  readonly words: string;
}

function questionWords({ id, text }: Question): Named {
  return { id, words: text };
}

function approvalWords({ callId, tool, arguments: raw }: Approval): Named {
  return { id: callId, words: `${tool} ${raw}` };
}

async function progressOf(task: TaskHandle, what: string): Promise<TaskProgress> {
  try {
    return await task.progress();
  } catch (error) {
    if (!(error instanceof WaymarkError) || error.code !== 'NoWorker') throw error;
    const message = `${error.message} Or name the ${what}'s id; then the message is left for the task.`;
    throw new WaymarkError('NoWorker', message, { cause: error });
  }
}

function only(
  taskId: string,
  { what, command, status }: { readonly what: string; readonly command: string; readonly status: TaskStatus },
  open: readonly Named[],
): string {
  const [first, ...others] = open;
  if (!first) {
    const advice = `\`waymark show ${taskId}\` tells how it stands.`;
    throw new CommandError(`Task ${taskId} is ${statusWords(status)} and has no open ${what}. ${advice}`);
  }
  if (others.length === 0) return first.id;
  const known = open.map(({ id, words }) => `${id} (${shortLine(words, LONGEST)})`).join(', ');
  const advice = `Name one: waymark ${command} ${taskId} ${first.id} …`;
  throw new CommandError(`Task ${taskId} has ${open.length} open ${what}s: ${known}. ${advice}`);
}
