import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Validator } from '@cfworker/json-schema';
import { z } from 'zod';
import { fitSchema, fitSpec } from '../../contracts/fit-schema.ts';
import type { JsonSchema } from '../../contracts/json.ts';
import { isObject } from '../../contracts/json.ts';

function fitted(schema: JsonSchema, options?: Parameters<typeof fitSchema>[1]): JsonSchema {
  const made = fitSchema(schema, options);
  assert.ok(made.ok, made.ok ? '' : made.problem);
  return made.schema;
}

/** The schema of one property. */
function property(part: unknown): unknown {
  const { properties } = fitted({ type: 'object', properties: { it: part } });
  return isObject(properties) ? properties['it'] : undefined;
}

/** Every keyword that stands where a keyword may stand. */
function keywordsOf(schema: unknown): string[] {
  if (!isObject(schema)) return [];
  return Object.entries(schema).flatMap(([key, value]) => {
    if (key === 'properties' || key === '$defs') return [key, ...Object.values(Object(value)).flatMap(keywordsOf)];
    return [key, ...(Array.isArray(value) ? value.flatMap(keywordsOf) : keywordsOf(value))];
  });
}

const KNOWN = new Set(
  'type description properties required additionalProperties items anyOf enum minimum maximum minItems maxItems minLength maxLength format $defs $ref'.split(
    ' ',
  ),
);

test('only what readers of schemas have in common is left, however much a schema says', () => {
  const rich = z
    .strictObject({
      count: z.int().positive().default(5),
      price: z.number().gt(0).lt(9.5),
      mail: z.email().optional(),
      when: z.iso.datetime({ offset: true }),
      code: z.string().regex(/^[A-Z]{3}(?:-\d+)?$/),
      essay: z.string().max(4_000),
      kind: z.discriminatedUnion('is', [
        z.object({ is: z.literal('a'), x: z.number() }),
        z.object({ is: z.literal('b'), y: z.string() }),
      ]),
      one: z.literal(1),
      level: z.union([z.literal(1), z.literal(2)]),
      pair: z.tuple([z.string(), z.number()]),
      bag: z.record(z.string().regex(/^\w+$/), z.number()),
      tags: z.set(z.string()).or(z.array(z.string())).optional(),
      nothing: z.null(),
      maybe: z.string().nullable(),
    })
    .partial({ pair: true });
  const schema = fitted(z.toJSONSchema(rich, { io: 'input', unrepresentable: 'any' }));
  const strange = keywordsOf(schema).filter((key) => !KNOWN.has(key));
  assert.deepEqual(strange, []);
  const { properties, required } = schema;
  assert.ok(isObject(properties) && Array.isArray(required));
  assert.ok(required.every((name) => Object.hasOwn(properties, String(name))));
  assert.deepEqual(properties['count'], { type: 'integer', minimum: 1, description: 'Default: 5.' });
  assert.deepEqual(properties['price'], { type: 'number', minimum: 0, maximum: 9.5 });
  assert.deepEqual(properties['mail'], { type: 'string', description: 'Format: email.' });
  assert.deepEqual(properties['essay'], { type: 'string' });
  assert.deepEqual(properties['one'], { type: 'number', description: 'Always 1.' });
  assert.deepEqual(properties['code'], { type: 'string', description: 'Pattern: ^[A-Z]{3}(?:-\\d+)?$' });
  assert.deepEqual(properties['bag'], { type: 'object', properties: {}, additionalProperties: { type: 'number' } });
  assert.deepEqual(properties['maybe'], { anyOf: [{ type: 'string' }, { type: 'null' }] });
});

test('properties and items are always there, and nothing is required that is not a property', () => {
  assert.deepEqual(fitted({}), { type: 'object', properties: {} });
  assert.deepEqual(fitted({ type: 'object', required: ['ghost'] }), { type: 'object', properties: {} });
  assert.deepEqual(property({ type: 'array' }), { type: 'array', items: {} });
  assert.deepEqual(property({ type: 'object' }), { type: 'object', properties: {} });
  assert.deepEqual(property({ properties: { a: { type: 'string' } } }), {
    type: 'object',
    properties: { a: { type: 'string' } },
  });
  assert.deepEqual(property({ type: ['string', 'null'], maxLength: 5, description: 'x' }), {
    description: 'x',
    anyOf: [{ type: 'string', maxLength: 5 }, { type: 'null' }],
  });
  assert.deepEqual(property(true), {});
  assert.deepEqual(fitted({ properties: { properties: { type: 'string' }, pattern: { type: 'number' } } }), {
    type: 'object',
    properties: { properties: { type: 'string' }, pattern: { type: 'number' } },
  });
});

test('a root of alternatives becomes one object', () => {
  const either = z.discriminatedUnion('does', [
    z.object({ does: z.literal('open'), door: z.string() }),
    z.object({ does: z.literal('wait'), hours: z.number(), door: z.string() }),
  ]);
  assert.deepEqual(fitted(z.toJSONSchema(either)), {
    type: 'object',
    properties: {
      does: { type: 'string', enum: ['open', 'wait'] },
      door: { type: 'string' },
      hours: { type: 'number' },
    },
    required: ['does', 'door'],
  });
});

test('references are written out, and those that lead back to themselves resolve at the root', () => {
  const street = { type: 'object', properties: { name: { type: 'string' } } };
  const written = fitted({ definitions: { S: street }, properties: { a: { $ref: '#/definitions/S' } } });
  assert.deepEqual(written, { type: 'object', properties: { a: street } });
  const node: JsonSchema = {
    $defs: { node: { type: 'object', properties: { next: { type: 'array', items: { $ref: '#/$defs/node' } } } } },
    $ref: '#/$defs/node',
  };
  for (const recursive of [node, { type: 'object', properties: { next: { $ref: '#' } } }]) {
    const sent = fitted(recursive);
    assert.equal(sent['type'], 'object');
    assert.ok(new Validator({ ...sent }, '2020-12').validate({ next: [] }) !== undefined);
    assert.match(JSON.stringify(sent), /"\$ref":"#\/\$defs\//);
  }
});

test('a schema that would become very large written out keeps its references', () => {
  const $defs: { [name: string]: JsonSchema } = { d0: { type: 'string' } };
  for (let level = 1; level <= 12; level += 1) {
    const part = { $ref: `#/$defs/d${level - 1}` };
    $defs[`d${level}`] = { type: 'object', properties: { a: part, b: part, c: part } };
  }
  const sent = fitted({ type: 'object', properties: { top: { $ref: '#/$defs/d12' } }, $defs });
  assert.ok(JSON.stringify(sent).length < 3_000);
  assert.ok(new Validator({ ...sent }, '2020-12').validate({ top: {} }).valid);
});

test('for a strict server there are no bounds, and objects stay closed', () => {
  const schema = z.toJSONSchema(z.object({ items: z.array(z.object({ n: z.number().min(0) })).max(3) }));
  assert.deepEqual(fitted(schema, { strict: true }), {
    type: 'object',
    properties: {
      items: {
        type: 'array',
        items: {
          type: 'object',
          properties: { n: { type: 'number' } },
          required: ['n'],
          additionalProperties: false,
        },
      },
    },
    required: ['items'],
    additionalProperties: false,
  });
});

test('what cannot be sent is said, and nothing throws', () => {
  let deep: JsonSchema = { type: 'string' };
  for (let level = 0; level < 30_000; level += 1) deep = { type: 'array', items: deep };
  const cases: readonly (readonly [JsonSchema, RegExp])[] = [
    [{ type: 'array', items: {} }, /of type array/],
    [{ type: 'object', properties: { a: { $ref: '#/$defs/gone' } } }, /"#\/\$defs\/gone" leads nowhere/],
    [{ type: 'object', properties: { a: { $ref: 'https://elsewhere.example/a.json' } } }, /leads nowhere/],
    [{ type: 'object', properties: { a: deep } }, /nested/],
  ];
  for (const [schema, expected] of cases) {
    const made = fitSchema(schema);
    assert.ok(!made.ok);
    assert.match(made.problem, expected);
  }
});

test('a tool is fitted with its name, and fitting again changes nothing', () => {
  const parameters = z.toJSONSchema(
    z.object({ mail: z.email().default('a@example.com'), n: z.literal([1, 2]), deep: z.array(z.string().nullable()) }),
    { io: 'input' },
  );
  const once = fitSpec({ name: 'mail', description: 'Mails.', parameters });
  assert.ok(once.ok);
  assert.deepEqual(fitSpec({ ...once.spec, parameters: { ...once.spec.parameters } }), once);
  for (const name of ['', '7up', 'a b', 'ü', 'a'.repeat(65), 'files.read', '-x']) {
    const made = fitSpec({ name, description: 'x', parameters });
    assert.ok(!made.ok && /its name/.test(made.problem), name);
  }
});
