import { randomInt } from 'node:crypto';
import { Argument } from 'commander';
import { SilentExit, UsageError } from '../command-error.ts';
import { reportLines } from '../demo/report-lines.ts';
import { demoNames } from '../demo/scenario.ts';
import type { DemoName } from '../demo/scenario.ts';
import { examples } from '../help.ts';
import { wholeNumber } from '../input/options.ts';
import { createEventRenderer } from '../watching/render-event.ts';
import { openSession } from '../session.ts';
import { wantsColor } from '../terminal/terminal.ts';
import { untilStopped } from '../terminal/until-stopped.ts';
import type { AddCommand } from './add-command.ts';

/** What the scripted model takes for an answer, so that a person can follow. */
const PACE_MS = 400;

const MOST_SEED = 1_000_000;

interface DemoFlags {
  readonly keep?: boolean;
  readonly killEveryTurn?: boolean;
  readonly seed?: number;
}

export const addDemo: AddCommand = (program, terminal) => {
  program
    .command('demo')
    .summary('show a task from start to end, its worker killed')
    .description('Show a task from start to end, with its worker killed in between.')
    .addArgument(new Argument('[agent]', 'which agent').choices(demoNames).default('onboarding'))
    .option('--kill-every-turn', 'kill a worker in every turn, wherever it is, instead of one worker once')
    .option('--seed <number>', 'with --kill-every-turn: the same moments as another run', wholeNumber)
    .option('--keep', 'leave everything running at the end, to be looked at, until Ctrl-C')
    .addHelpText(
      'after',
      examples('waymark demo', 'waymark demo troubleshooting --keep', 'waymark demo --kill-every-turn --seed 7'),
    )
    .action(async (name: DemoName, { keep = false, killEveryTurn, seed }: DemoFlags, command) => {
      if (seed !== undefined && killEveryTurn === undefined)
        throw new UsageError('--seed goes with --kill-every-turn.');
      const killSeed = killEveryTurn === undefined ? undefined : (seed ?? randomInt(1, MOST_SEED));
      const { env, json, say, answer, paint, width } = openSession(terminal, command);
      const line = json ? () => undefined : say;
      const write = (text: string): void => void terminal.stderr.write(text);
      const render = createEventRenderer({ write, color: wantsColor(terminal), width });
      const { runDemo } = await import('../demo/run-demo.ts');
      const report = await runDemo({
        name,
        env,
        say: line,
        show: json ? () => undefined : render,
        paceMs: json ? 0 : PACE_MS,
        killSeed,
        finished: async (finished, progress) => {
          answer(finished, () => reportLines(finished, progress, { paint, width }));
          if (!keep) return;
          say('Everything stays up until Ctrl-C.');
          await untilStopped();
        },
      });
      if (report.problems.length > 0) throw new SilentExit(1);
    });
};
