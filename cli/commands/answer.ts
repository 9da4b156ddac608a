import { examples } from '../help.ts';
import { sendToTask } from '../message-command.ts';
import { onlyQuestion } from '../open-request.ts';
import type { AddCommand } from './add-command.ts';

/** `waymark answer` */
export const addAnswer: AddCommand = (program, terminal) => {
  program
    .command('answer')
    .summary('answer a question of a task')
    .description('Answer a question of a task. Where exactly one is open, its id may be left out.')
    .usage('[options] <task> [question] <text>')
    .argument('<task>', 'task id')
    .argument('<question>', 'id of the question, as `waymark show` tells it; or the answer, where one question is open')
    .argument('[text]', 'the answer')
    .addHelpText(
      'after',
      examples(
        "waymark answer onboarding:acme q1 'team'",
        "waymark answer onboarding:acme 'team' --as mira@example.com",
      ),
    )
    .action((task: string, first: string, second: string | undefined, _options: unknown, command) =>
      sendToTask({ terminal, command, task }, async (handle) => {
        const text = second ?? first;
        const questionId = second === undefined ? await onlyQuestion(handle, text) : first;
        return { done: `Answered ${questionId}`, delivery: await handle.answer({ questionId, text }) };
      }),
    );
};
