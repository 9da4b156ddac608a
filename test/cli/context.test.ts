import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Redis } from 'ioredis';
import { keys } from '../../contracts/keys.ts';
import type { AssembledContext } from '../../contracts/projection.ts';
import { sectionNames } from '../../contracts/projection.ts';
import type { ConnectedWaymark } from '../../client/index.ts';
import { createMemoryStore } from '../../memory/index.ts';
import { untilStatus } from '../client/client-world.ts';
import { scribe } from '../client/scribe.ts';
import { bagOfWords } from '../memory/bag-of-words.ts';
import { contextOf } from '../support/example-context.ts';
import { answerLines } from '../../cli/pages/answer-page.ts';
import { contextLines } from '../../cli/pages/context-page.ts';
import { createPaint } from '../../cli/terminal/paint.ts';
import type { CliWorld } from './cli-world.ts';
import { openCliWorld } from './cli-world.ts';

let world: CliWorld;
let waymark: ConnectedWaymark;
let redis: Redis;
before(async () => {
  world = await openCliWorld();
  waymark = await world.connect();
  await world.startWorker();
  redis = new Redis(world.redis.url);
});
after(async () => {
  redis.disconnect();
  await world.stop();
});

/** A task that has asked something, about a subject of which something is remembered. */
async function asking(key: string): Promise<string> {
  const memories = createMemoryStore({ redis, embedder: bagOfWords() });
  const scope = { scope: 'user', id: 'ada' } as const;
  const text = 'Ada wants every text to be written in red ink.';
  await memories.remember('default', [{ scope, kind: 'preference', text }], { kind: 'person', id: 'ada' });
  const task = await waymark.start(scribe, { input: { act: 'ask', subject: 'ada' }, key });
  await untilStatus(task, 'waiting');
  return task.taskId;
}

test('a context is shown exactly as the model saw it, with its tokens, and why each memory is there', async () => {
  const taskId = await asking('context');
  const sent = world.model.requests().at(-1)?.request;
  const shown = await world.run(['show', taskId, '--turn', '1', '--context', '--json']);
  assert.equal(shown.code, 0, shown.stderr);
  const json: AssembledContext & { taskId: string } = JSON.parse(shown.stdout);
  assert.equal(json.taskId, taskId);
  assert.equal(
    json.messages.map(({ content }) => content).join('\n\n'),
    sent?.messages.map(({ content }) => content).join('\n\n'),
  );
  assert.deepEqual(
    json.tools.map(({ name }) => name),
    sent?.tools,
  );
  assert.deepEqual(
    json.sections.map(({ name }) => name),
    [...sectionNames],
  );
  const [memory] = json.memories;
  assert.deepEqual([memory?.section, memory?.kind], ['constraints', 'preference']);
  assert.ok((memory?.parts.text ?? 0) > 0 && (memory?.score ?? 0) > 0);
  assert.deepEqual(json.tokenizer, { name: 'o200k_base', exact: false, model: 'scripted' });

  const page = (await world.run(['show', taskId, '--turn', '1', '--context'])).stdout;
  for (const { content } of json.messages) {
    for (const line of content.split('\n')) assert.ok(page.includes(line), line);
  }
  assert.match(page, /as no tokenizer of scripted is known/);
  assert.match(page, /SECTION +TOKENS +OF +LEFT OUT/);
  assert.match(
    page,
    /why: 0\.\d\d = meaning \d\.\d\d · words \d\.\d\d · recency \d\.\d\d · importance 0\.50 +preference/,
  );
  assert.equal((await world.run(['show', taskId, '--context'])).stdout, page, 'the newest turn, where none is named');
});

test('a turn that has not come, a context that is gone and one of an earlier task are told apart from it', async () => {
  const taskId = await asking('gone');
  const early = await world.run(['show', taskId, '--turn', '7', '--context']);
  assert.equal(early.code, 1);
  assert.match(early.stderr, /has come to turn 1; there is no turn 7 yet/);
  const key = keys.context({ tenant: 'default', taskId }, 't1');
  await redis.del(key);
  const gone = await world.run(['show', taskId, '--turn', '1', '--context']);
  assert.equal(gone.code, 1);
  assert.match(gone.stderr, /The context of turn 1 of scribe:gone is gone: contexts are kept in Redis for 14 days/);
  assert.match((await world.run(['show', taskId, '--turn', '1'])).stderr, /--turn goes with --context/);
  assert.equal((await world.run(['show', taskId, '--turn', '0', '--context'])).code, 2);
});

test('what the model thought in a turn is shown with what it said, and in no prompt', () => {
  const said = {
    kind: 'assistant' as const,
    seq: 2,
    at: '2026-01-01T00:00:00.000Z',
    turn: 1,
    text: 'I dig.',
    thoughts: 'A hole\u001b[2J is wanted.',
    calls: [{ id: 't1c1', name: 'dig', arguments: '{}', written: true as const, problem: 'There is no spade.' }],
  };
  const page = answerLines(said, { paint: createPaint(false), width: 80 }).join('\n');
  assert.match(page, /Thoughts\n +A hole.* is wanted\.\n/);
  assert.ok(!page.includes('\u001b'));
  assert.match(page, /Answer\n +I dig\.\n +call t1c1, written as text dig \{\}\n +not made: There is no spade\./);
});

test('what was left out and a prompt that was made smaller are told, and no text moves the cursor', () => {
  const left = [{ what: 'entry 3', why: 'budget' }] as const;
  const context = contextOf('one\u001B[2Jtwo\nthree', {
    sections: [{ name: 'window', tokens: 1_234, budget: 2_500, leftOut: 1, messages: { from: 0, to: 1 }, left }],
    shrink: 0.6,
  });
  const session = { paint: createPaint(false), width: 80 };
  const page = contextLines(context, 'scribe:x', session).join('\n');
  assert.match(page, /Made smaller, to 60 %/);
  assert.match(page, /window +1,234 +2,500 +1/);
  assert.match(page, /Left out\n {2}window: entry 3 \(budget\)/);
  assert.match(page, / {2}user\n {2}one\[2Jtwo\n {2}three/);
});
