import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reportOf } from './report.ts';

test('waiting tasks, their going on and the readers of one task are reported as one object', async () => {
  const { figures, goals } = await reportOf('waiting');

  assert.equal(Object.keys(goals).length, 3);
  const { readers, resumeToNextStage, workerMegabytes } = figures;
  assert.ok(typeof readers === 'object' && readers['delivered'] === 2_000, 'every reader got every event');
  assert.equal(readers['connectionsMore'], 1, 'and all of them wait on one connection');
  assert.ok(typeof resumeToNextStage === 'object' && resumeToNextStage['samples'] === 10);
  assert.ok(typeof workerMegabytes === 'object' && Number(workerMegabytes['withNone']) > 50);
});
