import { readFile } from 'node:fs/promises';
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import type { Benchmark, Servers } from './benchmark.ts';
import { context } from './context.ts';
import { contradiction } from './contradiction.ts';
import { crash } from './crash.ts';
import { history } from './history.ts';
import { memoryScale } from './memory-scale.ts';
import { needlesBenchmark as needles } from './needles.ts';
import { noise } from './noise.ts';
import { recovery } from './recovery.ts';
import type { Report } from './report.ts';
import { renderReport } from './report.ts';
import { retrieval } from './retrieval.ts';
import { withServers } from './support/servers.ts';
import { round } from './support/statistics.ts';
import { turn } from './turn.ts';
import { waiting } from './waiting.ts';

const benchmarks: Readonly<Record<string, Benchmark>> = {
  turn,
  history,
  recovery,
  context,
  needles,
  retrieval,
  noise,
  contradiction,
  'memory-scale': memoryScale,
  waiting,
  crash,
};

const versionSchema = z.object({ version: z.string() });

async function main(): Promise<number> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      locomo: { type: 'string' },
    },
  });
  const [name = ''] = positionals;
  const benchmark = Object.hasOwn(benchmarks, name) ? benchmarks[name] : undefined;
  if (positionals.length > 1 || benchmark === undefined) {
    process.stderr.write(`${usage()}\n`);
    return 1;
  }
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  const { quick, json, locomo } = values;
  const report = await withServers(say, async (servers): Promise<Report> => {
    const [loadBefore = 0] = loadavg();
    const { figures: found, goals } = await benchmark.run({ quick, say, locomo }, servers);
    const [loadAfter = 0] = loadavg();
    const figures = { ...found, loadAverage: { before: round(loadBefore), after: round(loadAfter) } };
    const holds = Object.values(goals).every((goal) => goal.holds);
    return {
      name,
      figures,
      goals,
      holds,
      ran: { command: commandOf(name, values), ...(await circumstances(servers)) },
    };
  });
  process.stdout.write(`${json ? JSON.stringify(report) : renderReport(report)}\n`);
  return 0;
}

function usage(): string {
  const lines = Object.entries(benchmarks).map(([name, { about }]) => `  ${name.padEnd(14)} ${about}`);
  return [
    'Usage: npm run bench -- NAME [--quick] [--json] [--locomo PATH]',
    'With --json one object is all that is printed: npm run -s bench -- NAME --json leaves out npm’s own banner.',
    ...lines,
  ].join('\n');
}

function commandOf(
  name: string,
  { quick, json, locomo }: { readonly quick: boolean; readonly json: boolean; readonly locomo?: string },
): string {
  const flags = [...(quick ? ['--quick'] : []), ...(json ? ['--json'] : [])];
  return ['npm run bench --', name, ...flags, ...(locomo === undefined ? [] : ['--locomo', locomo])].join(' ');
}

async function circumstances({ versions }: Servers): Promise<Omit<Report['ran'], 'command'>> {
  const cores = cpus();
  const sdk = await versionOf('../node_modules/@temporalio/worker/package.json');
  return {
    date: new Date().toISOString(),
    versions: {
      waymark: await versionOf('../package.json'),
      node: process.versions.node,
      temporal: versions.temporal,
      temporalSdk: sdk,
      redis: versions.redis,
      processors: `${cores.length} × ${cores[0]?.model.trim() ?? 'unknown'}`,
    },
  };
}

async function versionOf(path: string): Promise<string> {
  return versionSchema.parse(JSON.parse(await readFile(new URL(path, import.meta.url), 'utf8'))).version;
}

process.exitCode = await main();
