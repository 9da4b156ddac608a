import { examples } from '../../help.ts';
import { foundMemory } from '../../memory/found-memory.ts';
import { memoryPage } from '../../memory/memory-page.ts';
import { withMemories } from '../../memory/open-memories.ts';
import { openSession } from '../../session.ts';
import { taskUrl } from '../../reaching/task-url.ts';
import type { AddCommand } from '../add-command.ts';

/** `waymark memory show` */
export const addMemoryShow: AddCommand = (program, terminal) => {
  program
    .command('show')
    .summary('print all there is about a memory')
    .description(
      'Print all there is about a memory: its text, whose it is, where it came from, and what happened to it.',
    )
    .argument('<id>', 'memory id; search prints it')
    .addHelpText('after', examples('waymark memory show onboarding:acme:mhz1k2:t4:m1'))
    .action(async (id: string, _flags: unknown, command) => {
      const session = openSession(terminal, command);
      await withMemories(session, {}, async ({ tenant, store, surroundings }) => {
        const found = foundMemory(await store.inspect(tenant, id), { id, tenant });
        const { temporal } = surroundings;
        const { taskId } = found.memory.provenance;
        const url =
          taskId === undefined || temporal?.uiUrl === undefined
            ? undefined
            : taskUrl(temporal.uiUrl, temporal.namespace, taskId);
        session.answer({ ...found, ...(url === undefined ? {} : { taskUrl: url }) }, () =>
          memoryPage(found, { session, url }),
        );
      });
    });
};
