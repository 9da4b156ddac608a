import { examples } from '../../help.ts';
import { foundMemory } from '../../memory/found-memory.ts';
import { historyLines } from '../../memory/history-lines.ts';
import { withMemories } from '../../memory/open-memories.ts';
import { openSession } from '../../session.ts';
import type { AddCommand } from '../add-command.ts';

/** `waymark memory history` */
export const addMemoryHistory: AddCommand = (program, terminal) => {
  program
    .command('history')
    .summary('print what happened to a memory')
    .description('Print what happened to a memory, oldest first: when, by whom, and why.')
    .argument('<id>', 'memory id; search prints it')
    .addHelpText('after', examples('waymark memory history onboarding:acme:mhz1k2:t4:m1'))
    .action(async (id: string, _flags: unknown, command) => {
      const session = openSession(terminal, command);
      await withMemories(session, {}, async ({ tenant, store }) => {
        const rows = await store.history(tenant, id);
        // A memory that was merged into another leaves nothing but its history.
        const found = foundMemory(rows.length === 0 ? undefined : rows, { id, tenant });
        session.answer(found, () => historyLines(found, session));
      });
    });
};
