import type { MemoryStats, OpenAndClosed } from '../../../contracts/memory-reports.ts';
import { examples } from '../../help.ts';
import { withMemories } from '../../memory/open-memories.ts';
import { section } from '../../terminal/page.ts';
import { openSession } from '../../session.ts';
import type { Session } from '../../session.ts';
import type { AddCommand } from '../add-command.ts';

const LABEL = 18;
const NUMBER = 9;

/** `waymark memory stats` */
export const addMemoryStats: AddCommand = (program, terminal) => {
  program
    .command('stats')
    .summary('count the memories of a tenant')
    .description(
      'Count the memories of a tenant by kind and scope, what its index holds and could not index, and what was dropped as noise in the last day.',
    )
    .addHelpText('after', examples('waymark memory stats', 'waymark memory stats --tenant acme --json'))
    .action(async (_flags: unknown, command) => {
      const session = openSession(terminal, command);
      await withMemories(session, {}, async ({ tenant, store }) => {
        const stats = await store.stats(tenant);
        session.answer(stats, () => linesOf(stats, tenant, session));
      });
    });
};

function linesOf(stats: MemoryStats, tenant: string, session: Session): string[] {
  const { memories, open, closed, bytesPerRecord, bytesPerMemory, index, unembedded } = stats;
  const drops = Object.entries(stats.drops).map(([rule, number]) => row(rule, number));
  return [
    session.paint.strong(`Memories of tenant "${tenant}"`),
    ...[row('all', memories), row('open', open), row('closed', closed), row('private', stats.private)].map(indent),
    indent(row('without a vector', unembedded)),
    indent(row('bytes a record', bytesPerRecord)),
    indent(row('with its index', bytesPerMemory)),
    ...section(session, 'By kind (open, closed)', groupLines(stats.byKind)),
    ...section(session, 'By scope (open, closed)', groupLines(stats.byScope)),
    ...section(session, 'Index', indexLines(index, session)),
    ...section(session, 'Dropped as noise in the last day', drops.length === 0 ? ['nothing'] : drops),
  ];
}

function indent(line: string): string {
  return `  ${line}`;
}

function row(label: string, ...numbers: readonly number[]): string {
  return `${label.padEnd(LABEL)}${numbers.map((number) => String(number).padStart(NUMBER)).join('')}`;
}

function groupLines(group: Readonly<Record<string, OpenAndClosed>>): string[] {
  const sorted = Object.entries(group).toSorted(([, a], [, b]) => b.open + b.closed - a.open - a.closed);
  return sorted.map(([name, { open, closed }]) => row(name, open, closed));
}

function indexLines(index: MemoryStats['index'], { paint }: Session): string[] {
  if (!index) return ['none: the first memory creates it'];
  const { documents, bytes, failures, lastFailure } = index;
  const failed = row('could not index', failures);
  return [
    row('documents', documents),
    row('bytes', bytes),
    failures > 0 ? paint.bad(failed) : failed,
    ...(lastFailure ? [`${lastFailure.key}: ${lastFailure.problem}`] : []),
  ];
}
