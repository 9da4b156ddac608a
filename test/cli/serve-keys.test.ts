import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { runInProcess } from './cli-world.ts';

let folder = '';
before(async () => void (folder = await mkdtemp(join(tmpdir(), 'waymark-keys-'))));
after(() => rm(folder, { recursive: true, force: true }));

const keys = (...argv: readonly string[]) =>
  runInProcess(['serve', 'keys', ...argv], { env: { PATH: process.env['PATH'], WAYMARK_DATA: folder } });

test('a key is made for a person in roles, listed without its secret, and revoked', async () => {
  const given = [
    '--tenant',
    'acme',
    '--rights',
    'read,answer',
    '--for',
    'mira@example.com',
    '--roles',
    'finance, lead',
  ];
  const made = await keys('create', ...given, '--days', '30', '--note', 'her phone', '--json');
  const { token, stored }: { token: string; stored: { id: string; roles: string[]; actor: unknown } } = JSON.parse(
    made.stdout,
  );
  const list = await keys('list');
  const file = await readFile(join(folder, 'serve-keys.json'), 'utf8');
  const revoked = await keys('revoke', stored.id);

  assert.deepEqual(stored.roles, ['finance', 'lead']);
  assert.deepEqual(stored.actor, { kind: 'person', id: 'mira@example.com' });
  assert.match(list.stdout, /acme +mira@example\.com, finance, lead .* read, answer +her phone/);
  assert.ok(token.length >= 32 && !list.stdout.includes(token) && !file.includes(token));
  assert.equal(revoked.stdout, `Key ${stored.id} is revoked.\n`);
  assert.match((await keys('list')).stdout, /There are no keys\. Make one with/);
});

test('a key that nobody is named for, or without a role where one was begun, is refused in a line', async () => {
  for (const [argv, says] of [
    [['--rights', 'read'], /Say who uses it: --for a person, or --service a service/],
    [['--rights', 'read', '--for', 'mira', '--service', 'shop'], /Say who uses it/],
    [['--rights', 'read', '--for', ' '], /Whoever uses it needs a name/],
    [
      ['--rights', 'read', '--for', 'mira', '--roles', 'finance,'],
      /Expected names joined by commas, e\.g\. finance,lead/,
    ],
    [['--rights', 'rule', '--for', 'mira'], /rule/],
    [['--rights', 'read', '--for', 'mira', '--days', '0'], /whole number of at least 1/],
  ] as const) {
    const { code, stdout, stderr } = await keys('create', ...argv);
    assert.deepEqual([code, stdout], [2, ''], stderr);
    assert.match(stderr, says);
  }
  assert.equal((await keys('revoke', 'nobody')).code, 1);
});
