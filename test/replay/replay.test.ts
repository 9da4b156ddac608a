import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { Worker } from '@temporalio/worker';
import { quietRuntime, testBundle } from '../support/workflow-world.ts';
import { HISTORIES } from './histories.ts';
import { readHistory } from './history-file.ts';

quietRuntime();
const names = readdirSync(HISTORIES).filter((name) => name.endsWith('.json'));

test('there are histories to replay', () => {
  for (const name of ['waiting', 'answered', 'paused', 'new-run', 'blocked', 'cancelled']) {
    assert.ok(names.includes(`${name}.json`), name);
  }
});

for (const name of names) {
  test(`today’s workflows do again what they did: ${name}`, async () => {
    const history = await readHistory(new URL(name, HISTORIES).pathname);
    await Worker.runReplayHistory({ workflowBundle: await testBundle() }, history);
  });
}

test('a history that another workflow made does not replay', async () => {
  const history = await readHistory(new URL('answered.json', HISTORIES).pathname);
  const events = (history.events ?? []).map((event) => {
    const { activityTaskScheduledEventAttributes: scheduled } = event;
    if (!scheduled) return event;
    return { ...event, activityTaskScheduledEventAttributes: { ...scheduled, activityType: { name: 'another' } } };
  });
  const replay = Worker.runReplayHistory({ workflowBundle: await testBundle() }, { ...history, events });
  await assert.rejects(replay, /[Nn]ondeterminis/);
});
