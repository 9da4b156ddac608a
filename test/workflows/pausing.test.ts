import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TranscriptEntry } from '../../contracts/transcript.ts';
import { FINISH } from '../support/fake-stages.ts';
import type { FakeAnswer } from '../support/fake-stages.ts';
import { gate, untilCancelled } from '../support/gate.ts';
import { useTimeSkippingWorld } from '../support/time-skipping-world.ts';

const world = useTimeSkippingWorld();
const ASK: FakeAnswer = { calls: [['ask_user', { question: 'Which plan?' }]] };

function texts(entries: ReadonlyMap<number, TranscriptEntry>, kind: 'note' | 'message'): string[] {
  return [...entries.values()].flatMap((entry) => (entry.kind === kind ? [entry.text] : []));
}

test('resumes a paused task after thirty days, and tells the model how long it was away', async () => {
  const task = await world.start({ model: [ASK, FINISH] });
  await task.until('waiting');
  await task.update('pause', { reason: 'holidays' });
  await world.pass('31 days');
  assert.equal((await task.progress()).status.kind, 'paused');
  await task.update('answer', { questionId: 'q1', text: 'the small one' });
  assert.equal((await task.progress()).status.kind, 'paused');
  await task.update('resume', { note: 'back again' });

  assert.equal((await task.result()).status, 'completed');
  const [note] = texts(task.transcript, 'note');
  assert.match(
    note ?? '',
    /^The task was paused by ada@example.com \(holidays\) for 31 days.* resumed by ada@example.com\. Note: back again$/,
  );
  assert.ok((await task.progress()).waitedMs >= 30 * 86_400_000);
});

test('a paused task leaves nothing in its history while it waits', async () => {
  const task = await world.start({ model: [ASK] });
  await task.until('waiting');
  await task.update('pause', { reason: 'holidays' });
  await task.until('paused');
  const before = (await task.events()).filter((name) => !name.startsWith('workflowTask')).length;
  await world.pass('31 days');
  assert.equal((await task.events()).filter((name) => !name.startsWith('workflowTask')).length, before);
});

test('a pause with an end resumes by itself, once', async () => {
  const task = await world.start({ model: [ASK, FINISH] });
  await task.until('waiting');
  const until = new Date((await world.now()) + 2 * 86_400_000).toISOString();
  await task.update('pause', { reason: 'the weekend', until });
  await task.update('answer', { questionId: 'q1', text: 'the small one' });

  assert.equal((await task.result()).status, 'completed');
  const notes = texts(task.transcript, 'note');
  assert.equal(notes.length, 1);
  assert.match(
    notes[0] ?? '',
    /paused by ada@example.com \(the weekend\) for (2 days|1 day 23 hours); the time it was paused until has come/,
  );
});

test('several calls held by one pause are resumed by it once', async () => {
  const calls = ['a', 'b', 'c'].map((name) => [name, {}] as const);
  const tool = async (): Promise<string> => 'done';
  const settings = { approval: 'always' } as const;
  const task = await world.start({
    model: [{ calls }, FINISH],
    tools: { a: tool, b: tool, c: tool },
    toolSettings: { a: settings, b: settings, c: settings },
  });
  await task.until('waiting');
  const until = new Date((await world.now()) + 86_400_000).toISOString();
  await task.update('pause', { reason: 'the night', until });
  for (const callId of ['t1c1', 't1c2', 't1c3']) await task.update('approve', { callId });

  assert.equal((await task.result()).status, 'completed');
  const notes = texts(task.transcript, 'note').filter((text) => text.includes('paused'));
  assert.equal(notes.length, 1);
  assert.equal((await task.events()).filter((name) => name.startsWith('timerStarted')).length, 1);
});

test('the end of a pause does not lift the block of a task', async () => {
  const task = await world.start({ model: [ASK, FINISH], policy: { budgets: { turns: 1 } } });
  await task.until('waiting');
  await task.update('answer', { questionId: 'q1', text: 'the small one' });
  await task.until('blocked');
  const until = new Date((await world.now()) + 3_600_000).toISOString();
  await task.update('pause', { reason: 'lunch', until });
  await world.pass('2 hours');
  const { status } = await task.until('blocked');
  assert.equal(status.kind === 'blocked' && status.block.cause, 'Budget.Turns');
  assert.equal(task.inputs.inferNextAction.length, 1);
});

test('a pause takes effect between stages: the running model call ends first', async () => {
  const [reached, answer] = [gate(), gate<FakeAnswer>()];
  const task = await world.start({
    model: [
      async () => {
        reached.open();
        return answer.passed;
      },
    ],
  });
  await reached.passed;
  await task.update('pause', { reason: 'wait' });
  answer.open({ calls: [['update_plan', { changes: [{ id: 'one', title: 'One', status: 'open' }] }]] });
  const { plan } = await task.until('paused', (progress) => progress.plan.length === 1);
  assert.equal(plan[0]?.title, 'One');
});

test('a pause that cannot wait cancels the model call; after the resume the turn goes on', async () => {
  const [reached, aborted] = [gate(), gate()];
  const task = await world.start({
    model: [
      async () => {
        reached.open();
        await untilCancelled();
        aborted.open();
        return {};
      },
      FINISH,
    ],
  });
  await reached.passed;
  await task.update('pause', { reason: 'stop', now: true });
  await task.until('paused');
  await aborted.passed;
  await task.update('resume', {});

  const result = await task.result();
  assert.equal(result.turns, 1);
  const [first, second] = task.inputs.inferNextAction;
  assert.ok((second?.round ?? 0) > (first?.round ?? 0), 'the second call outranks what the first may still write');
  assert.equal(second?.seq, (first?.seq ?? 0) + 1, 'after the note of the resume');
});

test('a task that is paused while its last tool runs does not finish before it is resumed', async () => {
  const [reached, done] = [gate(), gate<string>()];
  const task = await world.start({
    model: [
      {
        calls: [
          ['dig', {}],
          ['finish', { outcome: 'success', result: 'done' }],
        ],
      },
    ],
    tools: {
      dig: async () => {
        reached.open();
        return done.passed;
      },
    },
  });
  await reached.passed;
  await task.update('pause', { reason: 'lunch' });
  done.open('a hole');
  await task.until('paused', () => task.transcript.size >= 3);
  await task.update('resume', {});
  assert.equal((await task.result()).status, 'completed');
});

test('a pause that is given again takes the place of the first: longer, shorter, or until an event', async () => {
  const task = await world.start({ model: [ASK, FINISH] });
  await task.until('waiting');
  const inDays = async (days: number) => new Date((await world.now()) + days * 86_400_000).toISOString();
  const first = await inDays(1);
  await task.update('pause', { reason: 'a day', until: first });
  const { status: before } = await task.progress();
  await task.update('pause', { reason: 'rather more', until: await inDays(30) });
  await task.update('answer', { questionId: 'q1', text: 'the small one' });
  await world.pass('3 days');
  const { status } = await task.progress();
  assert.equal(status.kind === 'paused' && status.pause.reason, 'rather more');
  assert.equal(status.kind === 'paused' && status.pause.since, before.kind === 'paused' && before.pause.since);

  await task.update('pause', { reason: 'the contract', untilEvent: 'signed' });
  await world.pass('31 days');
  assert.equal((await task.progress()).status.kind, 'paused', 'the time of the second pause holds no more');
  await task.update('send', { event: 'signed', text: 'by both' });

  assert.equal((await task.result()).status, 'completed');
  const [note] = texts(task.transcript, 'note');
  assert.match(
    note ?? '',
    /paused by ada@example\.com \(the contract\) for 3[34] days.*; event signed, which it was paused until, came\.$/,
  );
  assert.ok(texts(task.transcript, 'message').includes('Event signed: by both'));
});

test('a pause until an event or a time ends by whichever comes first', async () => {
  const until = new Date((await world.now()) + 86_400_000).toISOString();
  const task = await world.start({ model: [ASK, FINISH] });
  await task.until('waiting');
  await task.update('pause', { reason: 'legal', until, untilEvent: 'signed' });
  await task.update('send', { event: 'refused', text: 'another event' });
  assert.equal((await task.progress()).status.kind, 'paused');
  await task.update('answer', { questionId: 'q1', text: 'the small one' });
  await task.result();
  assert.match(texts(task.transcript, 'note')[0] ?? '', /the time it was paused until has come/);
});

test('after a long pause the agent is looked at again: what a deploy changed is told and holds', async () => {
  const dig = async (): Promise<string> => 'a hole';
  const task = await world.start({
    model: [ASK, { calls: [['dig', {}]] }, FINISH],
    tools: { dig, fill: dig },
    toolSettings: { dig: { print: 'one' }, fill: { print: 'one' } },
    description: { print: 'old', instructionsPrint: 'one' },
    replace: ({ describeAgent }) => ({
      refreshAgent: async ({ task: ref, agent }) => {
        const { ledger: _ledger, tools, ...known } = await describeAgent({ task: ref, agent });
        const [first] = tools;
        const changed = first ? [{ ...first, print: 'two', approval: 'always' as const }] : [];
        const sing = first ? [{ ...first, name: 'sing', print: 'one' }] : [];
        return { description: { ...known, tools: [...changed, ...sing], print: 'new', instructionsPrint: 'two' } };
      },
    }),
  });
  await task.until('waiting');
  await task.update('pause', { reason: 'winter' });
  await world.pass('31 days');
  await task.update('resume', {});
  await task.update('answer', { questionId: 'q1', text: 'the small one' });
  const { status } = await task.until('waiting', ({ approvals }) => approvals.length > 0);
  assert.equal(status.kind === 'waiting' && status.for, 'approval', 'the approval of today holds');
  await task.update('approve', { callId: 't2c1' });
  await task.result();

  const [first, second, third] = task.inputs.assembleContext;
  assert.equal(first?.absence, undefined);
  assert.equal(second?.absence?.why, 'paused: winter');
  assert.deepEqual(second?.absence?.agent, { instructions: true, came: ['sing'], went: ['fill'], changed: ['dig'] });
  assert.equal(third?.absence, undefined, 'it is told once');
  assert.deepEqual(
    task.inputs.refreshAgent.map(({ known }) => known),
    ['old'],
  );
});

test('a short pause is no absence: nothing is fetched and nothing told', async () => {
  const task = await world.start({ model: [ASK, FINISH], description: { print: 'old' } });
  await task.until('waiting');
  await task.update('pause', { reason: 'a minute' });
  await task.update('resume', {});
  await task.update('answer', { questionId: 'q1', text: 'the small one' });
  await task.result();

  assert.equal(task.inputs.refreshAgent.length, 0);
  assert.ok(task.inputs.assembleContext.every(({ absence }) => absence === undefined));
});

test('a tool that a deploy offers in mid-run is acted on by its own terms', async () => {
  const task = await world.start({
    model: [{ calls: [['sing', {}]] }, FINISH],
    tools: { dig: async () => 'a hole', sing: async () => 'la' },
    replace: ({ describeAgent }) => ({
      describeAgent: async (input) => {
        const { tools, ...known } = await describeAgent(input);
        return { ...known, tools: tools.filter(({ name }) => name !== 'sing'), print: 'old' };
      },
      refreshAgent: async (input) => {
        const { ledger: _ledger, tools, ...known } = await describeAgent(input);
        return { description: { ...known, tools: tools.map((tool) => ({ ...tool, approval: 'always' })) } };
      },
    }),
  });
  const { status } = await task.until('waiting');
  assert.equal(status.kind === 'waiting' && status.for, 'approval');
  await task.update('approve', { callId: 't1c1' });
  await task.result();
});
