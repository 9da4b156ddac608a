import { text as readAll } from 'node:stream/consumers';
import { Option } from 'commander';
import type { JsonObject } from '../../../contracts/json.ts';
import type { MemoryKind, NewMemory, Trust } from '../../../contracts/memory.ts';
import { memoryKinds } from '../../../contracts/memory.ts';
import { UsageError } from '../../command-error.ts';
import { examples } from '../../help.ts';
import { readJson } from '../../input/json-input.ts';
import { withMemories } from '../../memory/open-memories.ts';
import type { NamedScopes, ScopeFlags } from '../../memory/scope-flags.ts';
import { addScopeFlags, namedScopes, onlyScope } from '../../memory/scope-flags.ts';
import { share } from '../../input/options.ts';
import { openSession } from '../../session.ts';
import type { AddCommand } from '../add-command.ts';

interface AddFlags extends ScopeFlags {
  readonly about?: string;
  readonly kind: MemoryKind;
  readonly slot?: string;
  readonly privateTo?: string;
  readonly trust: Trust;
  readonly importance?: number;
  readonly confidence?: number;
  readonly since?: string;
  readonly expires?: string;
  readonly data?: string;
  readonly id?: string;
}

/** `waymark memory add` */
export const addMemoryAdd: AddCommand = (program, terminal) => {
  const command = program
    .command('add')
    .summary('remember something')
    .description(
      'Remember something. What was already known stays as it is; another value for a --slot supersedes the old one.',
    )
    .argument('<text>', 'one self-contained sentence, with names and dates; - reads it from standard input');
  addScopeFlags(command)
    .option('--about <id>', 'the subject it is about, where --subject does not say so')
    .addOption(new Option('--kind <kind>', 'what kind of memory').choices(memoryKinds).default('fact'))
    .option('--slot <name>', 'what it is about, e.g. "home": a newer value takes the place of an older one')
    .option('--private-to <name>', 'only this agent or person recalls it')
    .addOption(new Option('--trust <who>', 'who said it').choices(['person', 'tool', 'model']).default('person'))
    .option('--importance <share>', '0 to 1 (default: 0.5)', share)
    .option('--confidence <share>', '0 to 1 (default: 1)', share)
    .option('--since <time>', 'from when it is true (default: now)')
    .option('--expires <time>', 'when it is deleted (default: as its kind has it)')
    .option('--data <json>', 'values beside the text, as a JSON object')
    .option('--id <id>', 'its id; the same id again changes nothing (default: a new one)')
    .addHelpText(
      'after',
      examples(
        "waymark memory add 'Prefers to be called in the morning' --subject crumb-and-co --kind preference",
        "waymark memory add 'Never deploy on a Friday' --global --kind constraint",
        "waymark memory add 'Lives in Berlin' --subject ana --slot home --since 2026-06-01",
      ),
    )
    .action(async (given: string, flags: AddFlags, self) => {
      const session = openSession(terminal, self);
      const named = namedScopes(flags, session.tenant);
      const text = given === '-' ? await readAll(terminal.stdin) : given;
      const memory = await memoryOf(text.trim(), flags, named, terminal.stdin);
      await withMemories(session, named, async ({ tenant, store }) => {
        const [write] = await store.remember(tenant, [memory], session.actor);
        session.answer(write, () => {
          const replaced = write?.replaced === undefined ? '' : ` instead of ${write.replaced}`;
          return [`${words[write?.change ?? 'added']} ${write?.id}${replaced}: ${write?.reason}.`];
        });
      });
    });
};

const words = {
  added: 'Remembered',
  superseded: 'Remembered',
  unchanged: 'Known as',
  dropped: 'Not kept',
  refused: 'Not kept',
} as const;

async function memoryOf(
  text: string,
  flags: AddFlags,
  named: NamedScopes,
  stdin: Parameters<typeof readJson>[1]['stdin'],
): Promise<NewMemory> {
  const scope = onlyScope(named, 'whose memory it is');
  const { about = flags.subject, kind, trust, slot, privateTo, importance, confidence, since, expires, id } = flags;
  const data = flags.data === undefined ? undefined : objectOf(await readJson(flags.data, { what: 'data', stdin }));
  return {
    text,
    scope,
    kind,
    trust,
    ...(about === undefined ? {} : { subject: about }),
    ...(slot === undefined ? {} : { slot }),
    ...(privateTo === undefined ? {} : { owner: privateTo, visibility: 'private' as const }),
    ...(importance === undefined ? {} : { importance }),
    ...(confidence === undefined ? {} : { confidence }),
    ...(since === undefined ? {} : { validFrom: since }),
    ...(expires === undefined ? {} : { expiresAt: expires }),
    ...(id === undefined ? {} : { id }),
    ...(data === undefined ? {} : { data }),
  };
}

function objectOf(value: unknown): JsonObject {
  if (isObject(value)) return value;
  throw new UsageError('--data is not a JSON object, e.g. \'{"plan":"pro"}\'.');
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
