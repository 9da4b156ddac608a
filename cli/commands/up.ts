import { examples } from '../help.ts';
import { openSession } from '../session.ts';
import type { AddCommand } from './add-command.ts';

export const addUp: AddCommand = (program, terminal) => {
  program
    .command('up')
    .summary('start everything that is not there, and a worker')
    .description(
      'Start Temporal, Redis, a model and example services where none are there, and a worker, until Ctrl-C.',
    )
    .addHelpText('after', examples('waymark up', 'OPENAI_API_KEY=… WAYMARK_MODEL=gpt-4.1-mini waymark up'))
    .action(async (_options, command) => {
      const { env, say, answer, paint } = openSession(terminal, command);
      const ready = (facts: Readonly<Record<string, unknown>>): void =>
        answer(facts, () => [
          '',
          paint.strong('Waymark is up.'),
          ...linesOf({
            'Temporal UI': facts['ui'] ?? 'of the Temporal you named',
            Temporal: `${String(facts['temporal'])}, namespace ${String(facts['namespace'])}`,
            Redis: facts['redis'],
            Worker: `process ${String(facts['pid'])}, task queue ${String(facts['taskQueue'])}`,
            Agents: Array.isArray(facts['agents']) ? facts['agents'].join(', ') : '',
            Model: facts['model'],
            Embeddings: facts['embedder'],
            ...(facts['metrics'] === undefined ? {} : { Metrics: facts['metrics'] }),
          }),
          '',
          'In another terminal:',
          '  npm run waymark -- start onboarding --input examples/inputs/onboarding.json --key acme',
          '  npm run waymark -- watch onboarding:acme',
          '',
          'Ctrl-C ends everything; what was done is kept and goes on at the next start.',
        ]);
      const { keepUp } = await import('../running/keep-up.ts');
      await keepUp({ env, say, ready });
    });
};

function linesOf(facts: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(facts).map(([name, value]) => `  ${name.padEnd(12)} ${String(value)}`);
}
