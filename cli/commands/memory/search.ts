import { Option } from 'commander';
import type { RecallExplanation, RecallQuery } from '../../../contracts/memory-query.ts';
import type { AskedScope, MemoryKind, ScopeRef } from '../../../contracts/memory.ts';
import { everywhere, memoryKinds } from '../../../contracts/memory.ts';
import { examples } from '../../help.ts';
import { memoryLines, missedLines, termLines } from '../../memory/memory-lines.ts';
import type { OpenMemories } from '../../memory/open-memories.ts';
import { withMemories } from '../../memory/open-memories.ts';
import type { ScopeFlags } from '../../memory/scope-flags.ts';
import { addScopeFlags, namedScopes } from '../../memory/scope-flags.ts';
import { wholeNumber } from '../../input/options.ts';
import { openSession } from '../../session.ts';
import type { AddCommand } from '../add-command.ts';

interface SearchFlags extends ScopeFlags {
  readonly about?: string;
  readonly kind?: readonly MemoryKind[];
  readonly reader?: string;
  readonly asOf?: string;
  readonly limit: number;
  readonly all?: boolean;
  readonly explain?: boolean;
}

const NOTHING: RecallExplanation = { recalled: [], missed: [], terms: [], byMeaning: true };

/** `waymark memory search` */
export const addMemorySearch: AddCommand = (program, terminal) => {
  const command = program
    .command('search')
    .summary('search memories by meaning and words')
    .description(
      'Search the memories of a tenant by meaning and by words, the best first. --subject, --task, --agent, --team and --global add up; without any, everything is searched.',
    )
    .argument('<text>', 'a question or some words; empty for the newest memories');
  addScopeFlags(command)
    .option('--about <id>', 'only what names this subject, whoever keeps it')
    .addOption(new Option('--kind <kind...>', 'only these kinds').choices(memoryKinds))
    .option('--reader <name>', 'also what is private to this agent or person')
    .option('--as-of <time>', 'what was true at this time')
    .option('--limit <number>', 'at most this many', wholeNumber, 8)
    .option('--all', 'also what is no longer true: superseded, expired, or of tasks that have ended')
    .option('--explain', 'tell why each came, and what just missed')
    .addHelpText(
      'after',
      examples(
        "waymark memory search 'which plan did the customer choose' --subject crumb-and-co",
        "waymark memory search 'what went wrong with the import' --explain",
        "waymark memory search '' --task onboarding:acme --kind progress --all",
      ),
    )
    .action(async (text: string, flags: SearchFlags, self) => {
      const session = openSession(terminal, self);
      const named = namedScopes(flags, session.tenant);
      await withMemories(session, named, async (memories) => {
        const found = await search(memories, { text, flags, scopes: named.scopes });
        const value = flags.explain
          ? found
          : found.recalled.map(({ memory, score, parts }) => ({ score, parts, ...memory }));
        session.answer(value, () => {
          const lines = found.recalled.length === 0 ? emptyLines(flags) : [];
          const told = found.recalled.flatMap((one) => memoryLines(one, session, { parts: flags.explain }));
          const why = flags.explain ? [...missedLines(found.missed, session), ...termLines(found, session)] : [];
          return [...lines, ...told, ...why];
        });
      });
    });
};

async function search(
  { tenant, store, begun }: OpenMemories,
  { text, flags, scopes: named }: { text: string; flags: SearchFlags; scopes: readonly ScopeRef[] },
): Promise<RecallExplanation> {
  if (!(await begun())) return NOTHING;
  const query = queryOf(text, flags, named.length > 0 ? named : everywhere);
  if (flags.explain) return store.explain(tenant, query);
  return { ...NOTHING, recalled: await store.recall(tenant, query) };
}

function queryOf(text: string, flags: SearchFlags, scopes: readonly AskedScope[]): RecallQuery {
  const { kind, limit, all, about, reader, asOf } = flags;
  return {
    text,
    scopes,
    limit,
    ...(kind === undefined ? {} : { kinds: kind }),
    ...(about === undefined ? {} : { subject: about }),
    ...(reader === undefined ? {} : { reader: { name: reader } }),
    ...(asOf === undefined ? {} : { asOf }),
    ...(all === undefined ? {} : { includeClosed: all }),
  };
}

function emptyLines({ all, kind, about, ...scopes }: SearchFlags): string[] {
  const { subject, task, agent, team, global } = scopes;
  const narrowed = [kind, about, subject, task, agent, team, global].some((flag) => flag !== undefined);
  const wider = all || !narrowed ? '' : ' --all searches also what is no longer true.';
  return [narrowed ? `No memory fits.${wider}` : `There are no memories.${wider}`];
}
