import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WaymarkError } from '../../client/index.ts';
import { asWaymarkError } from '../../client/temporal-errors.ts';
import type { RefusalCode } from '../../contracts/messages.ts';
import { failure, FailureType } from '../../contracts/failures.ts';
import { asProblem } from '../../serve/problems.ts';

test('what Temporal takes no more of is answered 503, and when to come again', () => {
  const refusal = Object.assign(new Error('8 RESOURCE_EXHAUSTED'), {
    code: 8,
    details: 'namespace rate limit exceeded',
    metadata: {},
  });

  const error = asWaymarkError(refusal, { taskId: 'scribe:letter', address: 'localhost:7233' });
  const problem = asProblem(error);

  assert.ok(error instanceof WaymarkError && error.code === 'Busy');
  assert.deepEqual([problem.status, problem.code, problem.headers], [503, 'busy', { 'Retry-After': '2' }]);
  assert.match(problem.message, /namespace rate limit exceeded/);
});

test('a Temporal that is in trouble is answered 503, with what it said', () => {
  const trouble = Object.assign(new Error('2 UNKNOWN'), { code: 2, details: 'database is locked', metadata: {} });

  const problem = asProblem(asWaymarkError(trouble, { taskId: 'scribe:letter', address: 'localhost:7233' }));

  assert.deepEqual([problem.status, problem.code], [503, 'unreachable']);
  assert.match(problem.message, /database is locked/);
});

test('what a task refuses is a conflict, where the message does not fit it is not, and some may not decide', () => {
  const statusOf = (refusal: RefusalCode) => asProblem(new WaymarkError('Refused', 'no', { refusal })).status;
  const conflicts: readonly RefusalCode[] = ['NotNow', 'Over', 'Unknown', 'Answered', 'Expired'];

  assert.deepEqual(
    conflicts.map(statusOf),
    conflicts.map(() => 409),
  );
  assert.deepEqual([statusOf('Invalid'), statusOf('DoesNotFit'), statusOf('NotAllowed')], [422, 422, 403]);
  assert.equal(asProblem(new WaymarkError('Refused', 'it has ended')).status, 409);
});

test('memories of another embedding model are a conflict that says what to do', () => {
  const problem = asProblem(failure(FailureType.MemoryIndexMismatch, { message: 'Move them with `waymark memory`.' }));

  assert.deepEqual([problem.status, problem.message], [409, 'Move them with `waymark memory`.']);
});

test('what nobody foresaw keeps its words to itself', () => {
  const problem = asProblem(new Error('a secret path'));

  assert.deepEqual([problem.status, problem.message], [500, 'The request was not carried out.']);
});
