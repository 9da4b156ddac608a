import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { failure, FailureType, isFailure } from '../../contracts/failures.ts';
import { isId, parseTaskId, taskIdOf, uniqueTaskId } from '../../contracts/ids.ts';
import { keys } from '../../contracts/keys.ts';
import { profileNames, profiles, resolvePolicy, stageNames } from '../../contracts/policy.ts';
import { searchAttributes, searchAttributeTypes } from '../../contracts/search-attributes.ts';

const id = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_.@+-]{0,20}$/);
const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/);

test('a task’s id can be taken apart again, whatever its parts', () => {
  fc.assert(
    fc.property(fc.record({ tenant: fc.oneof(id, fc.constant('default')), agent: name, key: id }), (parts) => {
      assert.deepEqual(parseTaskId(taskIdOf(parts)), { ...parts });
    }),
  );
});

test('parts that break the alphabet make no id', () => {
  for (const wrong of ['', ' ', 'a b', 'a:b', 'a{b}', '-a', 'a*', 'é', 'x'.repeat(129), 'a|b', 'a"b']) {
    assert.equal(isId(wrong), false, wrong);
    assert.throws(() => taskIdOf({ tenant: 'default', agent: 'digger', key: wrong }), RangeError, wrong);
  }
  for (const wrong of ['a', 'a:b:c:d', ':b', 'Digger:one', '']) assert.equal(parseTaskId(wrong), undefined, wrong);
});

test('a key used again is another task over time', () => {
  assert.notEqual(uniqueTaskId('a:b', '2026-01-01T00:00:00Z'), uniqueTaskId('a:b', '2026-01-01T00:00:00.001Z'));
});

test('every key carries the tenant, and those of a task its hash tag', () => {
  const task = { tenant: 'shop', taskId: 'shop:digger:one' };
  const own = [
    keys.transcript(task),
    keys.context(task, 't1'),
    keys.artifact(task, 'a'),
    keys.claims(task),
    keys.events(task),
  ];
  assert.ok(own.every((key) => key.startsWith('wm:{shop:shop:digger:one}:')));
  assert.equal(new Set(own).size, own.length);
  assert.ok(keys.memory('shop', 'm').startsWith('wm:{shop}:'));
});

test('whether a failure is retried follows from its type', () => {
  const types = Object.values(FailureType);
  const final = types.filter((type) => failure(type, { message: 'x' }).nonRetryable);
  assert.ok(final.includes(FailureType.ModelAuthentication) && final.includes(FailureType.InvalidTaskInput));
  for (const type of [
    FailureType.MemoryUnavailable,
    FailureType.ModelRateLimit,
    FailureType.ModelTimeout,
    FailureType.ToolBackend,
  ]) {
    assert.ok(!final.includes(type), type);
  }
  const failed = failure(FailureType.ModelRateLimit, { message: 'x', retryAfterMs: 5, cause: new Error('y') });
  assert.deepEqual([failed.nextRetryDelay, failed.cause?.message], [5, 'y']);
  assert.equal(isFailure(failed, FailureType.ModelRateLimit), true);
  assert.equal(isFailure(new Error('x'), FailureType.ModelRateLimit), false);
});

test('a policy is its profile where nothing else is said, and the later override wins, part by part', () => {
  for (const profile of profileNames) assert.deepEqual(resolvePolicy({ profile }), profiles[profile]);
  assert.deepEqual(resolvePolicy(), profiles.balanced);
  const policy = resolvePolicy(
    { profile: 'token-poor', budgets: { turns: 5 }, stages: { executeTool: { attempts: 1 } } },
    undefined,
    { budgets: { tokens: 7 }, context: { window: 9 }, stages: { executeTool: { timeoutMs: 3 } } },
  );
  assert.equal(policy.profile, 'token-poor');
  assert.deepEqual(policy.budgets, { ...profiles['token-poor'].budgets, turns: 5, tokens: 7 });
  assert.deepEqual(policy.context, { ...profiles['token-poor'].context, window: 9 });
  assert.deepEqual([policy.stages.executeTool.attempts, policy.stages.executeTool.timeoutMs], [1, 3]);
  assert.deepEqual(policy.stages.inferNextAction, profiles.balanced.stages.inferNextAction);
});

test('the profile that is said last decides the defaults, and resolving changes no profile', () => {
  const before = JSON.stringify(profiles);
  assert.equal(
    resolvePolicy({ profile: 'token-rich' }, { profile: 'token-poor' }).context.window,
    profiles['token-poor'].context.window,
  );
  assert.equal(JSON.stringify(profiles), before);
});

test('no stage fails for want of attempts at once, and each has a bound on its time', () => {
  for (const stage of stageNames) {
    const { attempts, timeoutMs } = profiles.balanced.stages[stage];
    assert.ok(attempts === 0 || attempts > 1, stage);
    assert.ok(timeoutMs > 0, stage);
  }
});

test('search attributes are typed as they are registered', () => {
  for (const key of Object.values(searchAttributes)) {
    assert.equal(searchAttributeTypes[key.name]?.toUpperCase(), key.type.replace('_', ''), key.name);
  }
  assert.equal(Object.keys(searchAttributeTypes).length, Object.keys(searchAttributes).length);
});
