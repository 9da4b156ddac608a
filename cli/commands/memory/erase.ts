import type { EraseReport } from '../../../contracts/memory-reports.ts';
import { confirm } from '../../terminal/confirm.ts';
import { examples } from '../../help.ts';
import { withMemories } from '../../memory/open-memories.ts';
import { bullets, prose, section } from '../../terminal/page.ts';
import { openSession } from '../../session.ts';
import type { Session } from '../../session.ts';
import type { AddCommand } from '../add-command.ts';

interface EraseFlags {
  readonly yes?: boolean;
  readonly name?: readonly string[];
  readonly mentions?: boolean;
}

/** `waymark memory erase` */
export const addMemoryErase: AddCommand = (program, terminal) => {
  program
    .command('erase')
    .summary('erase a person or customer from everywhere, with a report')
    .description(
      'Erase a subject from memories, histories, traces, drops, and from what is kept of its tasks; look again; and say what is not reached.',
    )
    .argument('<subject>', "the subject's id")
    .option('--name <name...>', 'other names of the subject, as texts have them')
    .option('--mentions', 'also erase memories about others that name it; without it they are listed')
    .option('--yes', 'do not ask')
    .addHelpText(
      'after',
      examples(
        'waymark memory erase ana',
        "waymark memory erase ana --name 'Ana Lopez' --mentions",
        'waymark memory erase ana --yes --json > erased.json',
      ),
    )
    .action(async (subject: string, { yes, name, mentions }: EraseFlags, command) => {
      const session = openSession(terminal, command);
      await withMemories(session, {}, async ({ tenant, store }) => {
        await confirm(session, `Erase everything about "${subject}" in tenant "${tenant}" for good?`, { yes });
        const report = await store.erase(tenant, subject, {
          ...(name === undefined ? {} : { names: name }),
          ...(mentions === undefined ? {} : { mentions }),
        });
        session.answer(report, () => linesOf(report, session));
      });
    });
};

function linesOf(report: EraseReport, session: Session): string[] {
  const erased = Object.entries(report.erased).map(
    ([what, number]) => `${what.replaceAll(/[A-Z]/gu, (letter) => ` ${letter.toLowerCase()}`).padEnd(14)} ${number}`,
  );
  const left =
    report.left === 0
      ? 'A second look found nothing more.'
      : `A second look found ${report.left} more: somebody goes on writing. Erase again.`;
  return [
    session.paint.strong(`Erased ${report.subject}`),
    ...erased.map((line) => `  ${line}`),
    ...section(session, 'Tasks', bullets(session, report.tasks)),
    ...section(session, 'Proof', [left]),
    ...section(session, 'Still named in memories about others', bullets(session, report.mentionedIn.memories)),
    ...section(session, 'Still named in tasks about others', bullets(session, report.mentionedIn.tasks)),
    ...section(session, 'Still held', prose(session, report.stillHeld)),
  ];
}
