import assert from 'node:assert/strict';
import { test } from 'node:test';
import { controlToolNames, isControlTool, readControlCall } from '../../contracts/control-calls.ts';
import { controlProblem, controlToolSpecs } from '../../tools/control-tools.ts';

const fine = { output: (): undefined => undefined };

test('the model sees every control tool, and finish takes the agent’s output', () => {
  const output = { $schema: 'x', type: 'object', properties: { depth: { type: 'number' } } };
  const specs = controlToolSpecs(output);
  assert.deepEqual(specs.map(({ name }) => name).toSorted(), [...controlToolNames].toSorted());
  const finish = specs.find(({ name }) => name === 'finish');
  assert.deepEqual(finish?.parameters['properties'], {
    outcome: { type: 'string', enum: ['success', 'failure'] },
    result: { type: 'object', properties: { depth: { type: 'number' } } },
    reason: { type: 'string', description: 'Why it failed' },
  });
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
    assert.equal(controlProblem(name, JSON.stringify(args), fine), undefined, name);
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
    assert.match(controlProblem(name, JSON.stringify(args), fine) ?? '', expected, `${name} ${JSON.stringify(args)}`);
  }
  assert.match(controlProblem('finish', '{"outcome":', fine) ?? '', /not valid JSON/);
});

test('a result is checked by the agent only where the task succeeded', () => {
  const never = { output: (): string => 'depth: expected number' };
  assert.match(
    controlProblem('finish', '{"outcome":"success","result":{}}', never) ?? '',
    /does not fit the output: depth/,
  );
  assert.equal(controlProblem('finish', '{"outcome":"failure","reason":"rock","result":{}}', never), undefined);
});

test('a name is a control tool’s or not', () => {
  assert.deepEqual(['finish', 'dig', 'constructor'].map(isControlTool), [true, false, false]);
});
