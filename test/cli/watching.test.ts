import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { PassThrough } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { runCli } from '../../cli/run-cli.ts';
import { createEventRenderer } from '../../cli/watching/render-event.ts';
import type { ConnectedWaymark } from '../../client/index.ts';
import { untilStatus } from '../client/client-world.ts';
import { scribe } from '../client/scribe.ts';
import type { CliWorld } from './cli-world.ts';
import { openCliWorld } from './cli-world.ts';

let world: CliWorld;
let waymark: ConnectedWaymark;
before(async () => {
  world = await openCliWorld();
  waymark = await world.connect();
  await world.startWorker();
});
after(() => world.stop());

/** A person at a terminal, who sees what was written and types. */
function sitDown(argv: readonly string[]) {
  const terminal = <Stream extends PassThrough>(stream: Stream) => Object.assign(stream, { isTTY: true });
  const [stdin, stdout, stderr] = [terminal(new PassThrough()), terminal(new PassThrough()), new PassThrough()];
  let seen = '';
  for (const stream of [stdout, stderr]) stream.on('data', (piece: Buffer) => (seen += piece.toString()));
  const code = runCli(argv, { stdin, stdout, stderr, env: { ...world.env, NO_COLOR: '1' } });
  const sees = async (words: RegExp): Promise<void> => {
    const deadline = Date.now() + 20_000;
    while (!words.test(seen)) {
      assert.ok(Date.now() < deadline, `${String(words)} in time, instead of:\n${seen}`);
      await delay(20);
    }
  };
  return { code, sees, type: (text: string) => void stdin.write(`${text}\n`), seen: () => seen };
}

test('what a task asks is answered in place, by number where there are choices, and the task is seen to go on', async () => {
  const task = await waymark.start(scribe, { input: { act: 'ask-twice' }, key: 'in-place' });
  await untilStatus(task, 'waiting');
  const person = sitDown(['watch', task.taskId]);

  await person.sees(/Answer q1 \(1 red, 2 blue\) \(Enter: later\) > $/);
  person.type('green');
  await person.sees(/"green" is no answer to q1; choose one of: red, blue/);
  person.type('2');
  await person.sees(/Answer q2 \(Enter: later\) > $/);
  person.type('thick');

  assert.equal(await person.code, 0);
  assert.match(person.seen(), /answers \S+ blue/);
  assert.match(person.seen(), /completed/);
});

test('a call is allowed in place, or refused with what is typed', async () => {
  const allowed = await waymark.start(scribe, { input: { act: 'publish' }, key: 'allowed' });
  const refused = await waymark.start(scribe, { input: { act: 'publish' }, key: 'refused' });
  const [one, other] = [sitDown(['watch', allowed.taskId]), sitDown(['watch', refused.taskId])];

  await one.sees(/Allow publish\? yes, or why not/);
  one.type('yes');
  await other.sees(/Allow publish\? yes, or why not/);
  other.type('the title is wrong');

  assert.deepEqual(await Promise.all([one.code, other.code]), [0, 0]);
  assert.match(one.seen(), /publish ok published Letters/);
  assert.match(other.seen(), /publish refused .*the title is wrong/);
});

test('a question that somebody else answers is asked no longer', async () => {
  const task = await waymark.start(scribe, { input: { act: 'ask' }, key: 'elsewhere' });
  const person = sitDown(['watch', task.taskId]);
  await person.sees(/Answer q1/);

  await task.answer({ questionId: 'q1', text: 'red' });

  assert.equal(await person.code, 0);
  assert.match(person.seen(), /completed/);
});

test('an answer tells what it took as it is billed, and from where on its prompt was new', () => {
  let text = '';
  const show = createEventRenderer({ write: (piece) => (text += piece), color: false, taskId: 'scribe:a' });
  const usage = { promptTokens: 900, completionTokens: 40, cachedTokens: 700, reasoningTokens: 30 };
  const answer = { turn: 2, text: 'I look.', calls: [], model: 'deep', offset: '1-1', number: 1 };
  const at = '2026-11-25T12:00:00.000Z';
  show({ type: 'action-inferred', at, ...answer, ...usage, brokeAt: 'window' });
  assert.match(text, /900 in \(700 cached\), 40 out \(30 thoughts\), deep; same as before up to window/);
});

test('a gap and where the task stands now are told in words', () => {
  let text = '';
  const show = createEventRenderer({ write: (piece) => (text += piece), color: false, taskId: 'scribe:a' });
  const at = '2026-11-25T12:00:00.000Z';
  const question = { id: 'q1', text: 'Which colour?', askedAt: at };

  show({ type: 'gap', at, from: 4, to: 90, offset: '1-90' });
  show({ type: 'gap', at, from: 91, to: null, offset: '0-0' });
  show({
    type: 'snapshot',
    at,
    turn: 7,
    status: { kind: 'waiting', for: 'question', questions: [question] },
    plan: [{ id: 'draft', title: 'Draft', status: 'done' }],
    questions: [question],
    approvals: [],
    spent: { promptTokens: 100, completionTokens: 20, money: 0 },
    offset: '0-0',
  });

  assert.match(text, /gap events 4 to 90 are kept no more/);
  assert.match(text, /gap events after number 90 are lost/);
  assert.match(text, /now: waiting for an answer, 1 of 1/);
  assert.match(text, /turn 7; 120 tokens so far/);
  assert.match(text, /waymark answer scribe:a q1/);
});
