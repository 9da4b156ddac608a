import type { DroppedMemory } from '../../../contracts/memory.ts';
import { examples } from '../../help.ts';
import { withMemories } from '../../memory/open-memories.ts';
import { wrapText } from '../../terminal/plain-text.ts';
import { openSession } from '../../session.ts';
import type { Session } from '../../session.ts';
import { ago } from '../../terminal/times.ts';
import type { AddCommand } from '../add-command.ts';

const INDENT = 2;

/** `waymark memory drops` */
export const addMemoryDrops: AddCommand = (program, terminal) => {
  program
    .command('drops')
    .summary('tell what did not become memories, and why')
    .description(
      'Tell what did not become memories of a tenant in the last day, newest first, and why: noise, or more than a model was given to read.',
    )
    .addHelpText('after', examples('waymark memory drops', 'waymark memory drops --tenant acme --json'))
    .action(async (_flags: unknown, command) => {
      const session = openSession(terminal, command);
      await withMemories(session, {}, async ({ tenant, store }) => {
        const drops = await store.drops(tenant);
        const nothing = `Nothing was dropped in the last day from the memories of tenant "${tenant}".`;
        session.answer(drops, () => (drops.length === 0 ? [nothing] : drops.flatMap((drop) => linesOf(drop, session))));
      });
    });
};

function linesOf({ at, rule, text, kind, scope, reason }: DroppedMemory, { paint, width }: Session): string[] {
  const block = (told: string) => wrapText(told, width - INDENT).map((line) => `${' '.repeat(INDENT)}${line}`);
  return [
    `${paint.strong(rule)}  ${ago(at)} · ${kind} · ${scope.scope} ${scope.id}`,
    ...block(text),
    ...block(reason).map(paint.quiet),
  ];
}
