import { examples } from '../help.ts';
import { sendToTask } from '../message-command.ts';
import { readMoment } from '../input/until.ts';
import type { AddCommand } from './add-command.ts';

interface PauseOptions {
  readonly reason: string;
  readonly until?: string;
  readonly untilEvent?: string;
  readonly now?: boolean;
}

/** `waymark pause` */
export const addPause: AddCommand = (program, terminal) => {
  program
    .command('pause')
    .summary('pause a task')
    .description(
      'Pause a task: it stops at the end of the present stage, for as long as it takes. A task that is paused already ' +
        'stays so, for the reason and until the time or event that are given now.',
    )
    .argument('<task>', 'task id')
    .requiredOption('--reason <text>', 'why, for whoever finds it paused')
    .option('--until <time>', 'when it goes on by itself: a time (2026-12-01T09:00) or a duration (3d, 1h30m)')
    .option('--until-event <name>', 'the event that lets it go on; with --until too, whichever comes first')
    .option('--now', 'also cut off the model call that is running')
    .addHelpText(
      'after',
      examples(
        "waymark pause onboarding:acme --reason 'the customer is on holiday' --until 14d",
        "waymark pause onboarding:acme --reason 'legal looks at it' --until-event contract-signed",
      ),
    )
    .action((task: string, { reason, until: given, untilEvent, now }: PauseOptions, command) => {
      const until = given === undefined ? {} : { until: readMoment(given, { option: '--until' }) };
      return sendToTask({ terminal, command, task }, async (handle) => ({
        done: 'Paused',
        delivery: await handle.pause({
          reason,
          ...until,
          ...(untilEvent === undefined ? {} : { untilEvent }),
          ...(now === undefined ? {} : { now }),
        }),
      }));
    });
};
