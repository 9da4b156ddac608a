import type { WaitEnd } from '../../client/index.ts';
import { shellWord } from './shell-word.ts';

/** The exact commands that end a wait. */
export function commandsOf(end: WaitEnd, taskId: string): string[] {
  return wordsOf(end, taskId).map((words) => `waymark ${words}`);
}

function wordsOf(end: WaitEnd, task: string): string[] {
  switch (end.by) {
    case 'answer': {
      const { id, choices } = end.question;
      return [`answer ${task} ${id} ${choices?.[0] === undefined ? `'your answer'` : shellWord(choices[0])}`];
    }
    case 'decision':
      return [`approve ${task} ${end.callId}`, `reject ${task} ${end.callId} --reason 'why not'`];
    case 'message':
      return [`send ${task} 'your message'`];
    case 'event':
      return [sendText(task, end.event)];
    case 'resume':
      return [`resume ${task}`, ...(end.event === undefined ? [] : [sendText(task, end.event)])];
    case 'repair':
      return [repairOf(task, end.cause)];
    case 'time':
      return [];
  }
}

function sendText(task: string, event: string): string {
  return `send ${task} 'what happened' --event ${shellWord(event)}`;
}

const RAISES: Readonly<Record<string, string>> = {
  'Budget.Tokens': '--add-tokens 500000',
  'Budget.Money': '--add-money 5',
  'Budget.Turns': '--add-turns 50',
  'Budget.Time': '--add-minutes 60',
};

/** The command that lets a blocked task go on. */
function repairOf(task: string, cause: string): string {
  const raise = RAISES[cause];
  return raise === undefined ? `resume ${task}` : `budget ${task} ${raise}`;
}
