import { Argument } from 'commander';
import { SilentExit } from '../command-error.ts';
import { reportLines } from '../demo/report-lines.ts';
import { demoNames } from '../demo/scenario.ts';
import type { DemoName } from '../demo/scenario.ts';
import { examples } from '../help.ts';
import { createEventRenderer } from '../render-event.ts';
import { openSession } from '../session.ts';
import { wantsColor } from '../terminal.ts';
import { untilStopped } from '../until-stopped.ts';
import type { AddCommand } from './add-command.ts';

/** What the scripted model takes for an answer, so that a person can follow. */
const PACE_MS = 400;

export const addDemo: AddCommand = (program, terminal) => {
  program
    .command('demo')
    .summary('show a task from start to end, its worker killed')
    .description('Show a task from start to end, with its worker killed in between.')
    .addArgument(new Argument('[agent]', 'which agent').choices(demoNames).default('onboarding'))
    .option('--keep', 'leave everything running at the end, to be looked at, until Ctrl-C')
    .addHelpText('after', examples('waymark demo', 'waymark demo troubleshooting --keep'))
    .action(async (name: DemoName, { keep = false }: { keep?: boolean }, command) => {
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
