import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { untilStatus } from '../client/client-world.ts';
import { scribeScript } from '../client/scribe.ts';
import type { CliWorld } from './cli-world.ts';
import { openCliWorld } from './cli-world.ts';

let world: CliWorld;
before(async () => {
  world = await openCliWorld();
  await world.startWorker();
});
after(() => world.stop());

test('a task out of budget says how to go on; budget shows what was spent, raises it, and the task goes on', async () => {
  const policy = JSON.stringify({ budgets: { turns: 1 } });
  await world.run(['start', 'scribe', '--input', '{"act":"ask"}', '--key', 'poor', '--policy', policy]);
  const waymark = await world.connect();
  await untilStatus(waymark.get('scribe:poor'), 'waiting');
  await world.run(['answer', 'scribe:poor', 'q1', 'red']);
  await untilStatus(waymark.get('scribe:poor'), 'blocked');
  const shown = (await world.run(['show', 'scribe:poor'])).stdout;
  assert.match(shown, /waymark budget scribe:poor --add-turns 50/);

  const looked = await world.run(['budget', 'scribe:poor']);
  assert.equal(looked.code, 0, looked.stderr);
  assert.match(looked.stdout, /^scribe:poor is blocked\.\n/);
  assert.match(looked.stdout, /^turns +\d+ of +1 /m);
  assert.doesNotMatch(looked.stdout, /money/, 'there is no budget of money');

  const wrong = await world.run(['budget', 'scribe:poor', '--add-turns', '0']);
  assert.notEqual(wrong.code, 0);

  const raised = await world.run(['budget', 'scribe:poor', '--add-turns', '5', '--json']);
  const answer = JSON.parse(raised.stdout);
  assert.deepEqual(
    [answer.delivered, answer.budget.turns.limit, answer.budget.money],
    ['update', 6, { spent: 0, limit: null }],
  );
});

test('answers that broke off are in what budget shows, as in the refusal', async () => {
  world.model.setScript(() => ({ text: 'one two three four', disconnect: true }));
  const policy = JSON.stringify({
    budgets: { tokens: 4_000 },
    stages: { inferNextAction: { attempts: 20, firstRetryMs: 100, longestRetryMs: 100 } },
  });
  await world.run(['start', 'scribe', '--input', '{"act":"finish"}', '--key', 'broken', '--policy', policy]);
  const waymark = await world.connect();
  const { status } = await untilStatus(waymark.get('scribe:broken'), 'blocked');
  world.model.setScript(scribeScript);

  const refused = status.kind === 'blocked' ? status.block : undefined;
  assert.equal(refused?.cause, 'Budget.Tokens', refused?.reason);
  const [, told] = /: (\d+) of 4000 tokens are spent/.exec(refused?.reason ?? '') ?? [];
  assert.ok(Number(told) > 500, refused?.reason);
  const { budget } = JSON.parse((await world.run(['budget', 'scribe:broken', '--json'])).stdout);
  assert.equal(budget.tokens.spent, Number(told));

  await world.run(['budget', 'scribe:broken', '--add-tokens', '100000']);
  await waymark.get('scribe:broken').result();
  const end = await waymark.get('scribe:broken').progress();
  assert.ok(end.budget.tokens.spent >= Number(told));
});
