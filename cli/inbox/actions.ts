import type { InboxItem, Waymark } from '../../client/index.ts';
import type { RememberScope } from '../../contracts/remembered-approvals.ts';
import { mayAnswer } from '../../contracts/who-may-answer.ts';
import type { Acting } from '../../contracts/who-may-answer.ts';
import { plainText } from '../terminal/plain-text.ts';

/** What a person may do with a request, by the key that begins it. */
export interface Action {
  readonly key: string;
  readonly name: string;
  /** What is asked for before it is done; nothing where it is done at once. */
  readonly wants?: string;
  /** What stands in the line to begin with. */
  readonly given?: string;
  readonly carryOut: (text: string) => Promise<string>;
}

/** The actions of a request; none where somebody else must answer. Each answers with what was done, for people. */
export function actionsOf(waymark: Waymark, item: InboxItem, acting: Acting): Action[] {
  const task = waymark.get(item.taskId);
  const { requestId, request } = item;
  if (!mayAnswer(request, acting)) return [];
  const delegate: Action = {
    key: 'd',
    name: 'hand on',
    wants: 'To whom?',
    carryOut: async (to) => {
      await task.delegate({ requestId, to, ...acting });
      return `Handed to ${to}.`;
    },
  };
  if (request.kind === 'question') {
    const wants = request.choices === undefined ? 'Your answer' : `Your answer: ${request.choices.join(', ')}`;
    const carryOut = async (text: string): Promise<string> => {
      await task.answer({ questionId: requestId, text, ...acting });
      return 'Answered.';
    };
    return [{ key: 'a', name: 'answer', wants, carryOut }, delegate];
  }
  const approve = async (remember?: RememberScope): Promise<string> => {
    await task.approve({ callId: requestId, ...acting, ...(remember === undefined ? {} : { remember }) });
    return remember === undefined ? 'Approved.' : `Approved, and remembered for the ${remember}.`;
  };
  return [
    { key: 'y', name: 'approve', carryOut: () => approve() },
    { key: 't', name: 'approve for the task', carryOut: () => approve('task') },
    ...(item.subject === undefined ? [] : [{ key: 's', name: 'for the subject', carryOut: () => approve('subject') }]),
    { key: 'g', name: 'for the agent', carryOut: () => approve('agent') },
    {
      key: 'c',
      name: 'change and approve',
      wants: 'Arguments',
      given: plainText(request.arguments).replaceAll('\n', ' '),
      carryOut: async (changed) => {
        await task.approve({ callId: requestId, arguments: changed, ...acting });
        return 'Approved with other arguments.';
      },
    },
    {
      key: 'n',
      name: 'reject',
      wants: 'Why not?',
      carryOut: async (reason) => {
        await task.reject({ callId: requestId, reason, ...acting });
        return 'Rejected.';
      },
    },
    delegate,
  ];
}
