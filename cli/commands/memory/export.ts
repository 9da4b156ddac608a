import { open } from 'node:fs/promises';
import type { ExportedMemory } from '../../../contracts/memory.ts';
import { CommandError } from '../../command-error.ts';
import { count } from '../../terminal/count.ts';
import { examples } from '../../help.ts';
import { withMemories } from '../../memory/open-memories.ts';
import { openSession } from '../../session.ts';
import type { Session } from '../../session.ts';
import type { AddCommand } from '../add-command.ts';

interface ExportFlags {
  readonly subject?: string;
  readonly output?: string;
}

/** `waymark memory export` */
export const addMemoryExport: AddCommand = (program, terminal) => {
  program
    .command('export')
    .summary('write memories with their history as JSON Lines')
    .description(
      'Write every memory with its history, closed and private ones too, as JSON Lines: to standard output, or to a new file.',
    )
    .option('--subject <id>', 'only what is about this subject')
    .option('--output <file>', 'write to this file, which must not exist')
    .addHelpText(
      'after',
      examples(
        'waymark memory export --output memories.jsonl',
        'waymark memory export --subject ana | gzip > ana.jsonl.gz',
      ),
    )
    .action(async ({ subject, output }: ExportFlags, command) => {
      const session = openSession(terminal, command);
      await withMemories(session, {}, async ({ tenant, store }) => {
        const memories = store.export(tenant, subject === undefined ? {} : { subject });
        if (output === undefined) {
          const exported = await writeLines(memories, (line) => write(session, line));
          session.say(`Exported ${count(exported, 'memory', 'memories')} of tenant "${tenant}".`);
          return;
        }
        const exported = await toFile(output, memories);
        session.answer({ exported, file: output }, () => [
          `Exported ${count(exported, 'memory', 'memories')} of tenant "${tenant}" to ${output}.`,
        ]);
      });
    });
};

/** @throws CommandError where the file is there already, or cannot be written */
async function toFile(path: string, memories: AsyncIterable<ExportedMemory>): Promise<number> {
  const file = await open(path, 'wx').catch((error: unknown) => {
    throw cannotWrite(path, error);
  });
  try {
    return await writeLines(memories, async (line) => void (await file.write(line)));
  } finally {
    await file.close();
  }
}

async function writeLines(
  memories: AsyncIterable<ExportedMemory>,
  writeLine: (line: string) => Promise<void>,
): Promise<number> {
  let written = 0;
  for await (const memory of memories) {
    await writeLine(`${JSON.stringify(memory)}\n`);
    written += 1;
  }
  return written;
}

/** Waits where whoever reads is slower than Redis. */
async function write({ terminal: { stdout } }: Session, line: string): Promise<void> {
  if (!stdout.write(line)) await new Promise((resolve) => stdout.once('drain', resolve));
}

function cannotWrite(file: string, error: unknown): Error {
  const taken = error instanceof Error && 'code' in error && error.code === 'EEXIST';
  const reason = taken ? 'it exists already, and nothing is overwritten' : String(error);
  return new CommandError(`The file ${file} cannot be written: ${reason}.`);
}
