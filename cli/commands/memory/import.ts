import { open } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import type { ImportReport } from '../../../contracts/memory-reports.ts';
import { CommandError, SilentExit, UsageError } from '../../command-error.ts';
import { count } from '../../terminal/count.ts';
import { examples } from '../../help.ts';
import { withMemories } from '../../memory/open-memories.ts';
import { shortLine } from '../../terminal/plain-text.ts';
import { openSession } from '../../session.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import type { AddCommand } from '../add-command.ts';

const MOST_SHOWN = 20;
const LONGEST_PROBLEM = 160;

/** `waymark memory import` */
export const addMemoryImport: AddCommand = (program, terminal) => {
  program
    .command('import')
    .summary('read memories back that export wrote')
    .description(
      'Read memories with their history from JSON Lines, as export wrote them. What is there stays as it is, so an import may be run again. Lines that cannot be read are named, and the rest is imported; the exit code is then 1.',
    )
    .argument('<file>', 'the file, or - for standard input')
    .addHelpText(
      'after',
      examples('waymark memory import memories.jsonl --tenant copy', 'gunzip < ana.jsonl.gz | waymark memory import -'),
    )
    .action(async (file: string, _flags: unknown, command) => {
      const session = openSession(terminal, command);
      await withMemories(session, {}, async ({ tenant, store }) => {
        const report = await store.import(tenant, linesOf(file, terminal));
        session.answer(report, () => linesAbout(report, tenant));
        if (report.broken.length > 0) throw new SilentExit(1);
      });
    });
};

async function* linesOf(file: string, { stdin }: Terminal): AsyncGenerator<string> {
  if (file === '-') {
    if (stdin.isTTY === true) throw new UsageError('Nothing is piped into standard input; name a file.');
    yield* createInterface({ input: stdin, crlfDelay: Number.POSITIVE_INFINITY });
    return;
  }
  const handle = await open(file).catch((error: unknown) => {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    throw new CommandError(`The file ${file} cannot be read: ${missing ? 'there is no such file' : String(error)}.`);
  });
  try {
    yield* handle.readLines();
  } finally {
    await handle.close();
  }
}

function linesAbout({ imported, known, broken }: ImportReport, tenant: string): string[] {
  const was = known === 0 ? '' : ` ${known} were there already or have expired.`;
  const shown = broken
    .slice(0, MOST_SHOWN)
    .map(({ line, problem }) => `  line ${line}: ${shortLine(problem, LONGEST_PROBLEM)}`);
  const more = broken.length > MOST_SHOWN ? [`  and ${broken.length - MOST_SHOWN} more; --json names all`] : [];
  return [
    `Imported ${count(imported, 'memory', 'memories')} into tenant "${tenant}".${was}`,
    ...(broken.length === 0 ? [] : [`${count(broken.length, 'line', 'lines')} could not be read:`, ...shown, ...more]),
  ];
}
