import { DEFAULT_TENANT } from '../../contracts/ids.ts';
import { SilentExit } from '../command-error.ts';
import { checkAgents } from '../doctor/check-agents.ts';
import { checkEmbedder } from '../doctor/check-embedder.ts';
import { checkModel } from '../doctor/check-model.ts';
import { checkRedis } from '../doctor/check-redis.ts';
import { checkToolSources } from '../doctor/check-tool-sources.ts';
import { checkTemporal } from '../doctor/check-temporal.ts';
import type { Check } from '../doctor/check.ts';
import { examples } from '../help.ts';
import { wrapText } from '../terminal/plain-text.ts';
import { openSession } from '../session.ts';
import type { Session } from '../session.ts';
import { lookAround } from '../reaching/surroundings.ts';
import type { AddCommand } from './add-command.ts';

/** `waymark doctor` */
export const addDoctor: AddCommand = (program, terminal) => {
  program
    .command('doctor')
    .summary('check what Waymark needs, and say how to mend what is missing')
    .description(
      'Check everything Waymark needs: Temporal, search attributes, workers, Redis, memories, model, embeddings, ' +
        'agents; and find tasks at which workers fail again and again. Fails when something is missing without which no task can run.',
    )
    .addHelpText(
      'after',
      examples('waymark doctor', 'waymark doctor --json | jq \'.checks[] | select(.state != "ok")\''),
    )
    .action(async (_options: unknown, command) => {
      const session = openSession(terminal, command);
      const checks = await examine(session);
      const healthy = checks.every(({ state }) => state !== 'missing');
      session.answer({ healthy, checks }, () => linesOf(checks, session));
      if (!healthy) throw new SilentExit(1);
    });
};

async function examine({ env, tenant = DEFAULT_TENANT }: Session): Promise<Check[]> {
  const { config, temporal, redisUrl } = await lookAround(env);
  const [server, redis, model, agents, toolSources] = await Promise.all([
    checkTemporal(temporal, config),
    checkRedis(redisUrl, tenant),
    checkModel(config),
    checkAgents(config),
    checkToolSources(config),
  ]);
  return [...server, ...redis.checks, model, await checkEmbedder(config, env, redis.memories), agents, ...toolSources];
}

const WIDEST_PART = 18;

function linesOf(checks: readonly Check[], { paint, width }: Session): string[] {
  const marks = { ok: paint.good('✓'), warning: paint.warn('!'), missing: paint.bad('✗') };
  const lines = checks.flatMap(({ part, state, says, mend }) => {
    const [first = '', ...others] = wrapText(says, width - WIDEST_PART - 2);
    const margin = ' '.repeat(WIDEST_PART + 2);
    return [
      `${marks[state]} ${paint.strong(part.padEnd(WIDEST_PART))}${first}`,
      ...others.map((line) => margin + line),
      ...(mend === undefined
        ? []
        : wrapText(`→ ${mend}`, width - margin.length).map((line) => margin + paint.command(line))),
    ];
  });
  const broken = checks.filter(({ state }) => state === 'missing').length;
  const verdict =
    broken === 0
      ? paint.good('Everything that is essential is there.')
      : paint.bad(`${broken} essential ${broken === 1 ? 'part is' : 'parts are'} missing.`);
  return [...lines, '', verdict];
}
