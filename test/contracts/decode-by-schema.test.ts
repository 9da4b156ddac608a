import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { decodeArguments, decodeBySchema } from '../../contracts/decode-by-schema.ts';
import type { JsonSchema } from '../../contracts/json.ts';

const schemaOf = (schema: z.ZodType): JsonSchema => z.toJSONSchema(schema, { io: 'input' });
const dig = schemaOf(
  z.object({
    where: z.object({ row: z.number(), deep: z.boolean().optional() }),
    tools: z.array(z.string()),
    note: z.string(),
    limit: z.number().max(100).optional(),
    mode: z.union([z.string(), z.array(z.string())]).optional(),
    kind: z.literal(3).optional(),
    sizes: z.record(z.string(), z.number()).optional(),
  }),
);
const whole = { where: { row: 3 }, tools: ['spade'], note: 'n' };

test('what fits comes back untouched, byte for byte', () => {
  const text = ' {"where":{"row":3},"tools":["[]"],"note":"{\\"a\\":1}","mode":"[\\"x\\"]","extra":"5"} ';
  const decoded = decodeArguments(dig, text, 'dig');
  assert.ok(decoded.ok);
  assert.equal(decoded.text, text);
});

test('texts are decoded where the schema takes none, at any depth and however often encoded', () => {
  const row = { row: 3, deep: true };
  const cases: readonly (readonly [unknown, unknown])[] = [
    [
      { ...whole, where: JSON.stringify(row) },
      { ...whole, where: row },
    ],
    [
      { ...whole, where: JSON.stringify(JSON.stringify(row)) },
      { ...whole, where: row },
    ],
    [
      { ...whole, where: { row: '3', deep: 'true' } },
      { ...whole, where: row },
    ],
    [
      { ...whole, tools: '["spade","7"]' },
      { ...whole, tools: ['spade', '7'] },
    ],
    [
      { ...whole, kind: '3', limit: ' 50 ' },
      { ...whole, kind: 3, limit: 50 },
    ],
    [
      { ...whole, sizes: { a: '1', b: 2 } },
      { ...whole, sizes: { a: 1, b: 2 } },
    ],
  ];
  for (const [given, expected] of cases) assert.deepEqual(decodeBySchema(dig, given), expected);
});

test('what would not fit decoded stays as it is', () => {
  for (const wrong of ['{"row":"three"}', '{"row":3', 'row 3', '[]', '']) {
    const given = { ...whole, where: wrong };
    assert.deepEqual(decodeBySchema(dig, given), given);
  }
  for (const limit of ['700', 'ten', '1e999', '']) {
    assert.deepEqual(decodeBySchema(dig, { ...whole, limit }), { ...whole, limit });
  }
  const count = schemaOf(z.object({ id: z.number() }));
  assert.deepEqual(decodeBySchema(count, { id: '12345678901234567890' }), { id: '12345678901234567890' });
});

test('a text stays where the schema takes texts, also by an alternative, a reference, or by saying nothing', () => {
  const name = { type: 'object', $defs: { Id: { type: 'string', maxLength: 2 } }, required: ['n'] };
  const schemas: readonly JsonSchema[] = [
    { anyOf: [{ type: 'integer' }, { type: 'string', pattern: '^[a-z]+$' }] },
    { $ref: '#/$defs/Id' },
    { type: ['number', 'string'], minimum: 100, maxLength: 0 },
    { allOf: [{ description: 'x' }, { $ref: '#/$defs/Id' }] },
    { enum: [1, 'one'] },
    {},
  ];
  for (const one of schemas) {
    const schema = { ...name, properties: { n: one, m: { type: 'number' } } };
    assert.deepEqual(decodeBySchema(schema, { n: '5', m: '5' }), { n: '5', m: 5 });
  }
});

test('null, and null as a text, is nothing where it is not taken and nothing is needed', () => {
  const schema = schemaOf(
    z.object({ a: z.number().optional(), b: z.string().optional(), c: z.number().nullish(), d: z.string() }),
  );
  assert.deepEqual(decodeBySchema(schema, { a: null, b: null, c: null, d: 'x' }), { c: null, d: 'x' });
  assert.deepEqual(decodeBySchema(schema, { a: 'null', b: 'null', c: 'null', d: 'null' }), {
    b: 'null',
    c: null,
    d: 'null',
  });
  assert.deepEqual(decodeBySchema(schema, { d: null }), { d: null }, 'what is needed is told as missing');
});

test('a wrapper is taken off where the inside fits and nothing that was asked for is lost', () => {
  const wipe = schemaOf(z.object({ folder: z.string().optional(), keep: z.array(z.string()).optional() }));
  const inside = { folder: 'tmp' };
  const wrapped: readonly unknown[] = [
    { arguments: inside },
    { arguments: JSON.stringify(inside) },
    { input: { parameters: inside } },
    { wipe: inside },
    { name: 'wipe', arguments: inside },
    [inside],
  ];
  for (const value of wrapped) assert.deepEqual(decodeBySchema(wipe, value, 'wipe'), inside);
  const own = schemaOf(z.object({ input: z.object({ folder: z.string() }), folder: z.string().optional() }));
  assert.deepEqual(decodeBySchema(own, { input: inside }), { input: inside });
  const free = schemaOf(z.looseObject({ folder: z.string().optional() }));
  assert.deepEqual(decodeBySchema(free, { arguments: inside }), { arguments: inside });
  const kept = { arguments: inside, folder: 'home' };
  assert.deepEqual(decodeBySchema(wipe, kept), kept);
  assert.deepEqual(decodeBySchema(dig, { ...whole, where: { where: { row: 3 } } }), whole);
});

test('arguments are an object however they come, or a problem in words', () => {
  const none = schemaOf(z.object({}));
  for (const raw of ['', ' ', 'null', '[]', '{}', '"{}"', '"null"']) {
    const decoded = decodeArguments(none, raw, 'status');
    assert.ok(decoded.ok, raw);
    assert.deepEqual(decoded.value, {});
  }
  const twice = decodeArguments(dig, JSON.stringify(JSON.stringify(whole)), 'dig');
  assert.ok(twice.ok);
  assert.equal(twice.text, JSON.stringify(whole));
  for (const raw of ['{"a":', '"text"', '7', '[1,2]', `${'['.repeat(5_000)}${']'.repeat(5_000)}`]) {
    const decoded = decodeArguments(dig, raw, 'dig');
    assert.ok(!decoded.ok, raw.slice(0, 20));
    assert.match(decoded.problem, /Send them again\.$/);
  }
});

test('a schema of a stranger never throws and never runs on for ever', () => {
  const odd: readonly JsonSchema[] = [
    { $ref: '#/$defs/none' },
    { $ref: '#' },
    { type: 'object', properties: { a: { $ref: 'https://elsewhere.example/s.json' } } },
    { type: 'object', properties: { a: { type: 'number', pattern: '(' } } },
    { items: [{ type: 'number' }], anyOf: 'none', required: 7, properties: [] },
    {
      $defs: { t: { anyOf: [{ $ref: '#/$defs/u' }, { $ref: '#/$defs/v' }] }, u: tree, v: tree },
      properties: { a: { $ref: '#/$defs/t' } },
    },
  ];
  const deep = (depth: number): unknown => (depth === 0 ? '"x' : { next: deep(depth - 1) });
  for (const schema of odd) {
    for (const value of [{ a: '5' }, { a: deep(8) }, {}]) assert.doesNotThrow(() => decodeBySchema(schema, value));
  }
});

const tree: JsonSchema = { type: 'object', properties: { next: { $ref: '#/$defs/t' } }, required: ['next'] };
