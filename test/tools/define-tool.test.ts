import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { defineTool, parseArguments } from '../../tools/define-tool.ts';
import { refuse, ToolRefusal } from '../../tools/refusal.ts';
import { toolContext } from '../agents/agent-loop.ts';

const base = {
  name: 'dig',
  description: 'Digs.',
  input: z.object({ depth: z.number().min(1).default(2), where: z.object({ row: z.int() }).optional() }),
  effect: 'read' as const,
  execute: async (): Promise<unknown> => 'dug',
};

test('what a definition leaves out has a default that suits its effect', () => {
  const { description } = defineTool(base);
  assert.deepEqual(description, {
    name: 'dig',
    effect: 'read',
    approval: 'never',
    timeoutMs: 60_000,
    attempts: 5,
    whenBroken: 'tell',
  });
  assert.equal(defineTool({ ...base, effect: 'once' }).description.whenBroken, 'block');
  assert.equal(defineTool({ ...base, effect: 'idempotent' }).description.whenBroken, 'block');
});

test('the model sees the input’s schema, with what has a default left optional', () => {
  const { spec } = defineTool(base);
  assert.equal(spec.parameters['type'], 'object');
  assert.equal(spec.parameters['required'], undefined);
});

test('a name that is not snake case, and an input that is no object, are refused when the tool is defined', () => {
  for (const name of ['Dig', 'dig-deep', '1dig', '', 'd'.repeat(65)]) {
    assert.throws(() => defineTool({ ...base, name }), /snake case/, name);
  }
  assert.throws(() => defineTool({ ...base, input: z.string(), execute: async () => 'x' }), /must describe an object/);
});

test('an approval policy that is malformed, or looks at what the tool does not take, is refused when the tool is defined', () => {
  const input = z.object({ order: z.object({ euros: z.number() }), lines: z.array(z.object({ sum: z.number() })) });
  const tool = (argument: string, more: object = {}) =>
    defineTool({
      ...base,
      input,
      approval: { rules: [{ argument, above: 100, verdict: 'ask', ...more }], otherwise: 'allow' },
      execute: async () => 'x',
    });
  for (const argument of ['order.euros', 'lines.sum', 'order']) assert.ok(tool(argument));
  for (const argument of ['oder', 'order.eruos', 'lines.total', 'order.euros.cents']) {
    assert.throws(() => tool(argument), /approval: a rule names ".*", which it does not take; it takes: order, lines/);
  }
  assert.throws(
    () => tool('order.euros', { above: '100' }),
    /tool "dig": approval: rule 1: order.euros: "above" must be/,
  );
  assert.ok(
    defineTool({
      ...base,
      input: z.looseObject({}),
      approval: { rules: [{ argument: 'x', given: true, verdict: 'ask' }], otherwise: 'allow' },
      execute: async () => 'x',
    }),
  );
});

test('arguments that fit reach the tool parsed, with defaults filled in', async () => {
  let given: unknown;
  const tool = defineTool({ ...base, execute: async (input) => (given = input) });
  const bound = tool.bind('{"where":{"row":3}}');
  assert.ok(bound.ok);
  await bound.run(toolContext());
  assert.deepEqual(given, { depth: 2, where: { row: 3 } });
  const empty = tool.bind('  ');
  assert.ok(empty.ok, 'a model that writes nothing means no arguments');
});

test('arguments that do not fit are a problem that names every path, and are never thrown', () => {
  const tool = defineTool(base);
  const problems = ['{', '[1]', '7', '"text"', '{"depth":0,"where":{"row":"x"}}'].map((raw) => {
    const bound = tool.bind(raw);
    return bound.ok ? '' : bound.problem;
  });
  assert.match(problems[0] ?? '', /not valid JSON/);
  assert.match(problems[4] ?? '', /depth: .*; where\.row: /);
  assert.ok(problems.every((problem) => problem.endsWith('Send them again.')));
});

test('a schema that transforms is applied once', () => {
  const schema = z.object({ at: z.string().transform((text) => text.length) });
  assert.deepEqual(parseArguments(schema, '{"at":"four"}', 'dig'), {
    ok: true,
    value: { at: 4 },
    text: '{"at":"four"}',
  });
});

test('a refusal is told from every other error', () => {
  assert.throws(() => refuse('frozen'), ToolRefusal);
});
