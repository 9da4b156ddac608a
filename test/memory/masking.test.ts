import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Redis } from 'ioredis';
import { piiNames } from '../../contracts/masking.ts';
import type { PiiName } from '../../contracts/masking.ts';
import { connectRedis, createMask, createMemoryStore } from '../../memory/index.ts';
import { startTestRedis } from '../support/servers.ts';
import { bagOfWords } from './bag-of-words.ts';

const found: readonly (readonly [name: PiiName, text: string, masked: string])[] = [
  ['card', 'paid with 4111 1111 1111 1111 today', 'paid with [card number] today'],
  ['card', '5500-0000-0000-0004', '[card number]'],
  ['iban', 'to DE89 3704 0044 0532 0130 00.', 'to [IBAN].'],
  ['iban', 'GB82WEST12345698765432', '[IBAN]'],
  ['iban', 'NO9386011117947', '[IBAN]'],
  ['email', 'write to Ana.Müller+work@mail.example.org, please', 'write to [e-mail], please'],
  ['phone', 'call +49 171 1234567 now', 'call [phone] now'],
  ['phone', 'call +1 (555) 010-9999', 'call [phone]'],
  ['phone', '(555) 010-9999 or 555-010-9999', '[phone] or [phone]'],
  ['phone', 'Tel. 0171 123 45 67', 'Tel. [phone]'],
  ['us-ssn', 'SSN 078-05-1120', 'SSN [SSN]'],
  ['uk-nino', 'AB 12 34 56 C', '[NINO]'],
  ['de-tax-id', 'Steuer-ID 86 095 742 719', 'Steuer-ID [tax id]'],
  ['fr-nir', 'NIR 2 55 08 14 168 025 38', 'NIR [NIR]'],
  ['es-dni', 'DNI 12345678Z, NIE X1234567L', 'DNI [DNI], NIE [DNI]'],
  ['it-codice-fiscale', 'CF RSSMRA85T10A562S', 'CF [codice fiscale]'],
];

/** Looks like personal data and is none: its check digits are wrong, or it is something else. */
const harmless = [
  'order 4111 1111 1111 1112',
  'DE00 3704 0044 0532 0130 00',
  'on 2026-11-24 at 15:24:00.000Z, turn 12, 3.5 GB, v1.2.3, port 127.0.0.1:6379',
  'invoice 2026-000123, build 20261124152400, sha 9f86d081884c7d65',
  'user@localhost, @mention, a@b',
  'tax id 86 095 742 718 and DNI 12345678A',
  'SSN 000-12-3456 and 900-12-3456',
];

describe('personal data', () => {
  for (const [name, text, masked] of found) {
    it(`is masked where ${name} is asked for: ${text}`, () => {
      const mask = createMask({ pii: [name] });
      assert.equal(mask(text), masked);
      assert.equal(mask(masked), masked, 'and masking again changes nothing');
    });
  }

  it('every name that can be asked for has an example', () =>
    assert.deepEqual(new Set(found.map(([name]) => name)), new Set(piiNames)));

  for (const text of harmless) {
    it(`is not seen where there is none: ${text}`, () => assert.equal(createMask({ pii: piiNames })(text), text));
  }

  it('is by default masked where it pays, and kept where it reaches somebody', () => {
    const text = '4111 1111 1111 1111, GB82WEST12345698765432, ana@example.org, +49 171 1234567';
    assert.equal(createMask()(text), '[card number], [IBAN], ana@example.org, +49 171 1234567');
    assert.equal(createMask({ pii: [] })(text), text);
  });

  it('of a tenant and of an agent adds up, and nobody takes any away', () => {
    const mask = createMask({
      tenants: { clinic: { pii: ['email'] } },
      agents: { support: { patterns: [{ name: 'ticket', pattern: /T-\d+/g }], pii: [] } },
    });
    const text = 'T-7: ana@example.org paid with 4111 1111 1111 1111';
    assert.equal(mask(text, { tenant: 'acme' }), 'T-7: ana@example.org paid with [card number]');
    assert.equal(mask(text, { tenant: 'clinic' }), 'T-7: [e-mail] paid with [card number]');
    assert.equal(mask(text, { tenant: 'clinic', agent: 'support' }), '[ticket]: [e-mail] paid with [card number]');
    assert.equal(mask(text, { tenant: 'constructor', agent: '__proto__' }), mask(text, { tenant: 'acme' }));
  });
});

it('is masked before anything is stored or embedded: text, context, data and drops, by whoever writes', async (t) => {
  const server = await startTestRedis();
  t.after(() => server.stop());
  const redis = connectRedis({ url: server.url });
  t.after(() => redis.disconnect());
  const embedded: string[] = [];
  const model = bagOfWords();
  const store = createMemoryStore({
    redis,
    embedder: { ...model, embed: (texts) => (embedded.push(...texts), model.embed(texts)) },
    gate: { minImportance: 0.5, minConfidence: 0, minLetters: 0, promptShare: 1 },
    mask: createMask({
      agents: { support: { pii: ['email'] } },
      hook: (text, where) => text.replaceAll('Ana', `[name in ${where?.tenant}]`),
    }),
  });
  const scope = { scope: 'user', id: 'u1' } as const;
  const text = 'Ana is ana@example.org';
  const memory = { scope, kind: 'fact' as const, text, context: text, data: { list: [{ text }] } };
  const writer = { kind: 'agent', id: 'support:case-1' } as const;
  await store.remember(
    'acme',
    [
      { ...memory, id: 'm1' },
      { ...memory, importance: 0 },
    ],
    writer,
  );
  await store.update('acme', 'm1', { changes: { text: `${text}!` }, reason: 'again', actor: writer, newId: 'm2' });
  await store.remember('acme', [{ ...memory, id: 'm3', text: 'ana@example.org writes' }], { kind: 'person', id: 'x' });

  assert.equal((await store.get('acme', 'm2'))?.text, '[name in acme] is [e-mail]!');
  assert.deepEqual((await store.get('acme', 'm1'))?.data, { list: [{ text: '[name in acme] is [e-mail]' }] });
  assert.equal((await store.drops('acme'))[0]?.text, '[name in acme] is [e-mail]');
  assert.equal((await store.get('acme', 'm3'))?.text, 'ana@example.org writes', 'a person is under no agent’s rules');
  assert.ok(embedded.every((one) => !one.includes('Ana')));
  await store.forget('acme', { ids: ['m3'] });
  const plain = new Redis(server.url);
  t.after(() => plain.disconnect());
  const dump = await Promise.all((await plain.keys('*')).map((key) => plain.dump(key)));
  assert.ok(dump.every((bytes) => !/Ana|example\.org/.test(bytes)));
});
