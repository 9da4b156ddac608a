import { randomInt } from 'node:crypto';
import { Argument } from 'commander';
import { SilentExit, UsageError } from '../command-error.ts';
import { reportLines } from '../demo/report-lines.ts';
import { demoNames } from '../demo/scenario.ts';
import type { DemoName } from '../demo/scenario.ts';
import { readConfig } from '../../worker/config.ts';
import { findLocalModels } from '../reaching/find-local-models.ts';
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
  /** Absent: the configured one, or a script; true: one is to be named. */
  readonly model?: string | true;
}

export const addDemo: AddCommand = (program, terminal) => {
  program
    .command('demo')
    .summary('show a task from start to end, its worker killed')
    .description('Show a task from start to end, with its worker killed in between.')
    .addArgument(new Argument('[agent]', 'which agent').choices(demoNames).default('onboarding'))
    .option('--kill-every-turn', 'kill a worker in every turn, wherever it is, instead of one worker once')
    .option('--seed <number>', 'with --kill-every-turn: the same moments as another run', wholeNumber)
    .option('--model [name]', 'let a real model do it, e.g. ollama:qwen3; without a name, say which ones there are')
    .option('--keep', 'leave everything running at the end, to be looked at, until Ctrl-C')
    .addHelpText(
      'after',
      examples(
        'waymark demo',
        'waymark demo troubleshooting --keep',
        'waymark demo --kill-every-turn --seed 7',
        'waymark demo onboarding --model ollama:qwen3',
      ),
    )
    .action(async (name: DemoName, { keep = false, killEveryTurn, seed, model }: DemoFlags, command) => {
      if (seed !== undefined && killEveryTurn === undefined)
        throw new UsageError('--seed goes with --kill-every-turn.');
      const killSeed = killEveryTurn === undefined ? undefined : (seed ?? randomInt(1, MOST_SEED));
      const { env: given, json, say, answer, paint, width } = openSession(terminal, command);
      const env = await withModel(given, model);
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

/** The environment with the model that is asked for. @throws UsageError where one is, and none is named */
async function withModel(env: NodeJS.ProcessEnv, model: string | true | undefined): Promise<NodeJS.ProcessEnv> {
  if (model === undefined) return env;
  if (model !== true) return { ...env, WAYMARK_MODEL: model };
  const { model: configured, modelServers } = readConfig(env);
  if (configured) return env;
  const found = await findLocalModels(modelServers);
  if (found.length === 0) {
    const usual = Object.values(modelServers)
      .filter(({ local }) => local)
      .map(({ title }) => title);
    throw new UsageError(
      `--model: no model is configured, and no server of models was found on this machine (${usual.join(', ')}). ` +
        'Set WAYMARK_MODEL=provider:model and its key.',
    );
  }
  const choices = found.flatMap(({ title, names }) => names.map((name) => `--model ${name} (${title})`));
  throw new UsageError(`--model: name one of those that answer here: ${choices.slice(0, 8).join(', ')}.`);
}
