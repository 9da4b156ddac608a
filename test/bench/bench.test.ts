import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bench, reportOf } from './report.ts';

describe('the benchmarks', () => {
  it('report the bytes of a history as one object', async () => {
    const { goals } = await reportOf('history');
    assert.equal(Object.keys(goals).length, 2);
  });

  it('report the time of a turn as one object', async () => {
    const { goals } = await reportOf('turn');
    assert.equal(Object.keys(goals).length, 2);
  });

  it('are listed for a name that is none', async () => {
    const failed = await bench('nothing').catch((error: unknown) => error);
    assert.ok(failed instanceof Error && 'stderr' in failed && 'stdout' in failed);
    assert.match(String(failed.stderr), /turn.*history.*recovery/s);
    assert.equal(failed.stdout, '');
  });
});
