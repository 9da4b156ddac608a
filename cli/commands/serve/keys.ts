import { DEFAULT_TENANT } from '../../../contracts/ids.ts';
import { rights, rightWords } from '../../../serve/caller.ts';
import type { Right } from '../../../serve/caller.ts';
import { createKey, isExpired } from '../../../serve/keys/api-key.ts';
import type { StoredKey } from '../../../serve/keys/api-key.ts';
import { readKeyFile, writeKeyFile } from '../../../serve/keys/key-ring.ts';
import { readConfig } from '../../../worker/config.ts';
import { CommandError, UsageError } from '../../command-error.ts';
import { examples } from '../../help.ts';
import { nameList, wholeNumber } from '../../input/options.ts';
import { readRights } from '../../input/rights.ts';
import { openSession } from '../../session.ts';
import type { Session } from '../../session.ts';
import type { Column } from '../../terminal/table.ts';
import { renderTable } from '../../terminal/table.ts';
import { moment } from '../../terminal/times.ts';
import type { AddCommand } from '../add-command.ts';

interface CreateFlags {
  readonly rights: readonly Right[];
  readonly for?: string;
  readonly service?: string;
  readonly roles?: readonly string[];
  readonly days?: number;
  readonly note?: string;
}

const DAY_MS = 86_400_000;

/** `waymark serve keys` */
export const addKeys: AddCommand = (serve, terminal) => {
  const keys = serve
    .command('keys')
    .summary('make, list and revoke the keys of the service')
    .description(
      'Make, list and revoke the keys of the service. They stand, hashed, in serve-keys.json in the data folder, or ' +
        'where WAYMARK_SERVE_KEY_FILE says; a running service takes a change within a second.',
    )
    .usage('<command> [options]')
    .addHelpText('after', examples('waymark serve keys list', 'waymark serve keys revoke 1f3a9c0e'));
  addCreate(keys, terminal);
  addList(keys, terminal);
  addRevoke(keys, terminal);
};

const addCreate: AddCommand = (keys, terminal) => {
  keys
    .command('create')
    .summary('make a key and print it, once')
    .description(
      `Make a key of a tenant (--tenant) and print it; it cannot be shown again. Rights: ${rights
        .map((right) => `${right} (${rightWords[right]})`)
        .join('; ')}.`,
    )
    .requiredOption('--rights <list>', 'what it may do, joined by commas; or all', readRights)
    .option('--for <name>', 'the person who uses it: what they send is signed with this name')
    .option('--service <name>', 'the service that uses it')
    .option('--roles <list>', 'what else they answer as, joined by commas, e.g. finance', nameList)
    .option('--days <number>', 'how long it holds (default: until it is revoked)', wholeNumber)
    .option('--note <text>', 'what it is for, shown in the list')
    .addHelpText(
      'after',
      examples(
        'waymark serve keys create --rights read,answer --for mira@example.com --days 90',
        "waymark serve keys create --rights read,start,send --service webshop --note 'the shop'",
      ),
    )
    .action(async (flags: CreateFlags, command) => {
      const session = openSession(terminal, command);
      const { token, stored } = createKey(keyOf(session, flags));
      const file = keyFileOf(session);
      await writeKeyFile(file, [...(await readKeyFile(file)), stored]);
      session.answer({ token, stored }, () => [
        `${session.paint.strong(token)}`,
        `Key ${stored.id} of tenant ${stored.tenant}, signs as ${namesOf(stored)}, may: ${stored.rights.join(', ')}.`,
        'Keep it now: it cannot be shown again. Send it as `Authorization: Bearer …`, or sign in with it.',
      ]);
    });
};

function keyOf(session: Session, flags: CreateFlags): Parameters<typeof createKey>[0] {
  const { for: person, service, roles, days, note } = flags;
  if ((person === undefined) === (service === undefined)) {
    throw new UsageError('Say who uses it: --for a person, or --service a service.');
  }
  const name = person ?? service ?? '';
  if (name.trim() === '') throw new UsageError('Whoever uses it needs a name.');
  return {
    tenant: session.tenant ?? DEFAULT_TENANT,
    rights: flags.rights,
    actor: { kind: person === undefined ? 'service' : 'person', id: name },
    ...(roles === undefined ? {} : { roles }),
    ...(days === undefined ? {} : { expiresAt: new Date(Date.now() + days * DAY_MS).toISOString() }),
    ...(note === undefined ? {} : { note }),
  };
}

const columns: readonly Column<StoredKey>[] = [
  { head: 'Key', cell: ({ id }) => id },
  { head: 'Tenant', cell: ({ tenant }) => tenant },
  { head: 'Signs as', cell: namesOf },
  { head: 'Made', cell: ({ createdAt }) => moment(createdAt) },
  { head: 'Holds until', cell: holdsUntil },
  { head: 'May', cell: ({ rights: allowed }) => allowed.join(', ') },
  { head: 'Note', cell: ({ note = '' }) => note, rest: true },
];

function namesOf({ actor, roles = [] }: StoredKey): string {
  return [actor.id, ...roles].join(', ');
}

function holdsUntil(key: StoredKey): string {
  if (key.expiresAt === undefined) return 'revoked';
  return isExpired(key) ? 'has expired' : moment(key.expiresAt);
}

const addList: AddCommand = (keys, terminal) => {
  keys
    .command('list')
    .summary('list the keys; never their secrets')
    .description('List the keys that stand in the file, of all tenants or of --tenant.')
    .addHelpText('after', examples('waymark serve keys list', 'waymark serve keys list --tenant acme --json'))
    .action(async (_flags: unknown, command) => {
      const session = openSession(terminal, command);
      const all = await readKeyFile(keyFileOf(session));
      const { tenant, width, paint } = session;
      const shown = tenant === undefined ? all : all.filter((key) => key.tenant === tenant);
      session.answer(
        shown.map(({ hash: _hash, ...told }) => told),
        () =>
          shown.length === 0
            ? ['There are no keys. Make one with `waymark serve keys create --rights read,answer --for NAME`.']
            : renderTable(shown, columns, { width, paint }),
      );
    });
};

const addRevoke: AddCommand = (keys, terminal) => {
  keys
    .command('revoke')
    .summary('revoke a key: it holds no longer')
    .description('Revoke a key. A running service refuses it, and pages that were signed in with it, within a second.')
    .argument('<key>', 'its id, as `waymark serve keys list` tells it')
    .addHelpText('after', examples('waymark serve keys revoke 1f3a9c0e'))
    .action(async (id: string, _flags: unknown, command) => {
      const session = openSession(terminal, command);
      const file = keyFileOf(session);
      const all = await readKeyFile(file);
      const left = all.filter((key) => key.id !== id);
      if (left.length === all.length) {
        throw new CommandError(`There is no key "${id}" in ${file}. \`waymark serve keys list\` shows them.`);
      }
      await writeKeyFile(file, left);
      session.answer({ revoked: id }, () => [`Key ${id} is revoked.`]);
    });
};

function keyFileOf({ env }: Session): string {
  return readConfig(env).serve.keyFile;
}
