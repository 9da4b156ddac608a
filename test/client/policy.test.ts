import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readPolicy } from '../../client/policy-schema.ts';
import { profiles } from '../../contracts/policy.ts';

test('every knob of every profile is a policy', () => {
  for (const profile of Object.values(profiles)) assert.deepEqual(readPolicy(profile), profile);
});

test('a knob that does not exist is refused by name, wherever it stands', () => {
  assert.throws(() => readPolicy({ budget: {} }), { code: 'InvalidInput', message: /budget/ });
  assert.throws(() => readPolicy({ budgets: { turn: 3 } }), { message: /budgets.*turn/ });
  assert.throws(() => readPolicy({ stages: { think: {} } }), { message: /stages.*think/ });
});

test('a value of the wrong kind is refused with its path', () => {
  assert.throws(() => readPolicy({ budgets: { turns: 'many' } }), { message: /budgets\.turns/ });
  assert.throws(() => readPolicy({ profile: 'frugal' }), { message: /profile.*token-poor/ });
  assert.throws(() => readPolicy({ stages: { executeTool: { attempts: -1 } } }), { message: /executeTool\.attempts/ });
  assert.throws(() => readPolicy('token-poor'), { message: /policy does not fit/ });
});
