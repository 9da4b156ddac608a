import { Option } from 'commander';
import type { ForgetQuery, MemoryKind } from '../../../contracts/memory.ts';
import { memoryKinds } from '../../../contracts/memory.ts';
import { UsageError } from '../../command-error.ts';
import { confirm } from '../../terminal/confirm.ts';
import { count } from '../../terminal/count.ts';
import { examples } from '../../help.ts';
import { withMemories } from '../../memory/open-memories.ts';
import type { NamedScopes, ScopeFlags } from '../../memory/scope-flags.ts';
import { addScopeFlags, namedScopes, onlyScope } from '../../memory/scope-flags.ts';
import { openSession } from '../../session.ts';
import type { AddCommand } from '../add-command.ts';

interface ForgetFlags extends ScopeFlags {
  readonly kind?: readonly MemoryKind[];
  readonly yes?: boolean;
}

/** `waymark memory forget` */
export const addMemoryForget: AddCommand = (program, terminal) => {
  const command = program
    .command('forget')
    .summary('delete memories, with their history')
    .description(
      'Delete memories with their history: those with these ids, or all of one scope. To remove a person from everywhere, use erase.',
    )
    .argument('[id...]', 'memory ids; search prints them');
  addScopeFlags(command)
    .addOption(new Option('--kind <kind...>', 'only these kinds of the scope').choices(memoryKinds))
    .option('--yes', 'do not ask, also where many go')
    .addHelpText(
      'after',
      examples(
        'waymark memory forget onboarding:acme:mhz1k2:t4:m1',
        'waymark memory forget --agent onboarding --kind failed-strategy --yes',
      ),
    )
    .action(async (ids: readonly string[], flags: ForgetFlags, self) => {
      const session = openSession(terminal, self);
      const named = namedScopes(flags, session.tenant);
      const query = queryOf(ids, flags, named);
      await withMemories(session, named, async ({ tenant, store, begun }) => {
        if ('scope' in query || query.ids.length > 1) await confirm(session, questionOf(query, tenant), flags);
        const forgotten = (await begun()) ? await store.forget(tenant, query) : 0;
        session.answer({ forgotten }, () => [`Forgot ${count(forgotten, 'memory', 'memories')}.`]);
      });
    });
};

function queryOf(ids: readonly string[], { kind }: ForgetFlags, named: NamedScopes): ForgetQuery {
  if (ids.length > 0 && (named.scopes.length > 0 || kind !== undefined)) {
    throw new UsageError('Give ids, or a scope and kinds, not both.');
  }
  if (ids.length > 0) return { ids };
  const scope = onlyScope(named, 'which memories: by their ids, or');
  return { scope, ...(kind === undefined ? {} : { kinds: kind }) };
}

function questionOf(query: ForgetQuery, tenant: string): string {
  if ('ids' in query) return `Forget ${query.ids.length} memories of tenant "${tenant}" for good?`;
  const { scope, kinds } = query;
  const what = kinds === undefined ? 'all memories' : `the memories of kind ${kinds.join(', ')}`;
  return `Forget ${what} of ${scope.scope} ${scope.id} in tenant "${tenant}" for good?`;
}
