import type { Command } from 'commander';
import { examples } from '../../help.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import type { AddCommand } from '../add-command.ts';
import { addMemoryAdd } from './add.ts';
import { addMemoryCare } from './care.ts';
import { addMemoryDrops } from './drops.ts';
import { addMemoryErase } from './erase.ts';
import { addMemoryExport } from './export.ts';
import { addMemoryForget } from './forget.ts';
import { addMemoryHistory } from './history.ts';
import { addMemoryImport } from './import.ts';
import { addMemoryReindex } from './reindex.ts';
import { addMemorySearch } from './search.ts';
import { addMemoryShow } from './show.ts';
import { addMemoryStats } from './stats.ts';

/** Under the headings and in the order in which the help lists them. */
const groups: readonly (readonly [heading: string, commands: readonly AddCommand[]])[] = [
  ['Look:', [addMemorySearch, addMemoryShow, addMemoryHistory, addMemoryStats, addMemoryDrops]],
  ['Change:', [addMemoryAdd, addMemoryForget]],
  ['Rights:', [addMemoryExport, addMemoryImport, addMemoryErase]],
  ['Care:', [addMemoryCare, addMemoryReindex]],
];

/** `waymark memory` */
export const addMemory: AddCommand = (program, terminal) => {
  const memory = program
    .command('memory')
    .summary('look into what tasks remember, and change it')
    .description('Look into what tasks remember, and change it.')
    .usage('<command> [options]')
    .addHelpText(
      'after',
      examples(
        "waymark memory search 'which plan did the customer choose' --subject crumb-and-co",
        "waymark memory add 'Prefers to be called in the morning' --subject crumb-and-co --kind preference",
      ),
    );
  addAll(memory, terminal);
};

function addAll(memory: Command, terminal: Terminal): void {
  for (const [heading, commands] of groups) {
    memory.commandsGroup(heading);
    for (const add of commands) add(memory, terminal);
  }
}
