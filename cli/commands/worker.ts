import { examples } from '../help.ts';
import { openSession } from '../session.ts';
import type { AddCommand } from './add-command.ts';

export const addWorker: AddCommand = (program, terminal) => {
  program
    .command('worker')
    .summary('run a worker')
    .description('Run a worker against the configured Temporal and Redis, until Ctrl-C.')
    .addHelpText('after', examples('waymark worker', 'WAYMARK_AGENTS=./my-agents.ts waymark worker'))
    .action(async (_options, command) => {
      const { env, say, json } = openSession(terminal, command);
      const ready = (facts: Readonly<Record<string, unknown>>): void => {
        // One line, since whoever started this worker waits for it.
        const line = json ? JSON.stringify(facts) : sentence(facts);
        terminal.stdout.write(`${line}\n`);
      };
      const { keepWorker } = await import('../running/keep-worker.ts');
      await keepWorker({ env, say, ready });
    });
};

function sentence({ pid, taskQueue, agents, model, embedder, metrics }: Readonly<Record<string, unknown>>): string {
  return (
    `Worker ${String(pid)} polls task queue ${String(taskQueue)}; agents: ${String(agents)}; ` +
    `model: ${String(model)}; embeddings: ${String(embedder)}${metrics === undefined ? '' : `; metrics: ${JSON.stringify(metrics)}`}.`
  );
}
