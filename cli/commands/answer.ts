import { examples } from '../help.ts';
import { sendToTask } from '../message-command.ts';
import { onlyQuestion } from '../input/open-request.ts';
import { UsageError } from '../command-error.ts';
import type { AddCommand } from './add-command.ts';

/** `waymark answer` */
export const addAnswer: AddCommand = (program, terminal) => {
  program
    .command('answer')
    .summary('answer a question of a task, or hand it on')
    .description(
      'Answer a question of a task. Where exactly one is open, its id may be left out. A question that asks for more ' +
        'than a text is answered with JSON.',
    )
    .usage('[options] <task> [question] <text>')
    .argument('<task>', 'task id')
    .argument('[question]', 'id of the question, as `waymark show` tells it; or the answer, where one question is open')
    .argument('[text]', 'the answer')
    .option('--delegate-to <whom>', 'hand the question on instead of answering it')
    .option('--note <text>', 'for whom it is handed to')
    .addHelpText(
      'after',
      examples(
        "waymark answer onboarding:acme q1 'team'",
        "waymark answer onboarding:acme 'team' --as mira@example.com",
        `waymark answer onboarding:acme q2 '{"seats": 12}'`,
        "waymark answer onboarding:acme q1 --delegate-to bo@example.com --note 'you know the prices'",
      ),
    )
    .action((task: string, first: string | undefined, second: string | undefined, options: AnswerOptions, command) =>
      sendToTask({ terminal, command, task }, async (handle) => {
        const { delegateTo: to, note } = options;
        if (to !== undefined) {
          if (second !== undefined) throw new UsageError('An answer and --delegate-to do not go together.');
          const requestId = first ?? (await onlyQuestion(handle));
          const delivery = await handle.delegate({ requestId, to, ...(note === undefined ? {} : { note }) });
          return { done: `Handed ${requestId} to ${to}`, delivery };
        }
        if (first === undefined) throw new UsageError("The answer is missing: waymark answer TASK 'your answer'");
        const text = second ?? first;
        const questionId = second === undefined ? await onlyQuestion(handle, text) : first;
        return { done: `Answered ${questionId}`, delivery: await handle.answer({ questionId, text }) };
      }),
    );
};

interface AnswerOptions {
  readonly delegateTo?: string;
  readonly note?: string;
}
