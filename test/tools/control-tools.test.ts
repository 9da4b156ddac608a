import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import type { ControlToolName } from '../../contracts/control-calls.ts';
import { controlToolNames, isControlTool, readControlCall } from '../../contracts/control-calls.ts';
import { checkControl, controlToolSpecs } from '../../tools/control-tools.ts';

const fine = { outputSchema: {}, output: (): undefined => undefined };

function problemOf(name: ControlToolName, raw: string, checks: Parameters<typeof checkControl>[2] = fine): string {
  const checked = checkControl(name, raw, checks);
  return checked.ok ? '' : checked.problem;
}

test('the model sees every control tool, and finish takes the agent’s output', () => {
  const output = { $schema: 'x', type: 'object', properties: { depth: { type: 'number' } } };
  const specs = controlToolSpecs(output);
  assert.deepEqual(specs.map(({ name }) => name).toSorted(), [...controlToolNames].toSorted());
  const finish = specs.find(({ name }) => name === 'finish');
  assert.deepEqual(finish?.parameters['properties'], {
    outcome: { type: 'string', enum: ['success', 'failure'] },
    result: { $ref: '#/$defs/result' },
    reason: { type: 'string', description: 'Why it failed' },
  });
  const { $schema: _dialect, ...result } = output;
  assert.deepEqual(finish?.parameters['$defs'], { result });
  assert.ok(specs.every(({ description }) => description.length > 20));
});

test('arguments that fit are no problem, and are read back as they were checked', () => {
  const good = [
    ['ask_user', { question: 'Where?', choices: ['a', 'b'], deadlineHours: 0.5, defaultAnswer: 'a' }],
    ['wait_until', { until: '2026-05-01T00:00:00+02:00', reason: 'May' }],
    ['wait_for_event', { event: 'rain' }],
    ['update_plan', { changes: [{ id: 'a', status: 'done', note: '2 m' }] }],
    ['finish', { outcome: 'failure', reason: 'rock' }],
    ['finish', { outcome: 'success', result: null }],
  ] as const;
  for (const [name, args] of good) {
    assert.deepEqual(checkControl(name, JSON.stringify(args), fine), { ok: true, arguments: JSON.stringify(args) });
    assert.deepEqual(readControlCall(name, JSON.stringify(args)), { ...args, name });
  }
});

test('arguments that do not fit are told by path', () => {
  const bad = [
    ['ask_user', {}, /question/],
    ['ask_user', { question: 'Where?', choices: ['only one'] }, /choices/],
    ['ask_user', { question: 'Where?', deadlineHours: -1 }, /deadlineHours/],
    ['wait_until', { until: 'tomorrow', reason: 'x' }, /until/],
    ['wait_for_event', { event: '' }, /event/],
    ['update_plan', { changes: [] }, /changes/],
    ['update_plan', { changes: [{ id: 'a', status: 'finished' }] }, /status/],
    ['finish', {}, /outcome/],
    ['finish', { outcome: 'failure' }, /reason/],
  ] as const;
  for (const [name, args, expected] of bad) {
    assert.match(problemOf(name, JSON.stringify(args)), expected, `${name} ${JSON.stringify(args)}`);
  }
  assert.match(problemOf('finish', '{"outcome":'), /not valid JSON/);
});

test('a result is checked by the agent only where the task succeeded', () => {
  const never = { outputSchema: {}, output: (): string => 'depth: expected number' };
  assert.match(problemOf('finish', '{"outcome":"success","result":{}}', never), /does not fit the output: depth/);
  assert.equal(problemOf('finish', '{"outcome":"failure","reason":"rock","result":{}}', never), '');
});

test('a result is decoded where the output says so, also within an output that refers to itself', () => {
  interface Node {
    name: string;
    children: Node[];
  }
  const node: z.ZodType<Node> = z.object({ name: z.string(), children: z.lazy(() => z.array(node)) });
  const output = z.toJSONSchema(z.object({ root: node, note: z.string() }), { io: 'input' });
  const checks = { outputSchema: output, output: (): undefined => undefined };
  const leaf = { name: '{}', children: [] };
  const result = { root: { name: '7', children: [leaf] }, note: '{"a":1}' };
  const asTexts = { root: JSON.stringify({ name: '7', children: JSON.stringify([leaf]) }), note: '{"a":1}' };
  const said = JSON.stringify({ outcome: 'success', result: JSON.stringify(asTexts) });
  assert.deepEqual(checkControl('finish', said, checks), {
    ok: true,
    arguments: JSON.stringify({ outcome: 'success', result }),
  });
  const text = { outputSchema: { type: 'string' }, output: (): undefined => undefined };
  const raw = JSON.stringify({ outcome: 'success', result: '{"a":1}' });
  assert.deepEqual(checkControl('finish', raw, text), { ok: true, arguments: raw });
});

test('a name is a control tool’s or not', () => {
  assert.deepEqual(['finish', 'dig', 'constructor'].map(isControlTool), [true, false, false]);
});
