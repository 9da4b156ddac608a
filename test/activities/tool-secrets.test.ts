import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ApplicationFailure } from '@temporalio/common';
import { z } from 'zod';
import { checkCall } from '../../activities/model/check-call.ts';
import { maskedText } from '../../activities/masking/masked-texts.ts';
import { defineAgent } from '../../agents/define-agent.ts';
import type { ExecuteToolInput } from '../../contracts/stages.ts';
import { createMask } from '../../memory/index.ts';
import { withAttachments } from '../../tools/attachments.ts';
import { defineTool } from '../../tools/define-tool.ts';
import { refuse } from '../../tools/refusal.ts';
import { answered } from '../support/answered.ts';
import { contextOf } from '../support/example-context.ts';
import { noMemory } from '../support/no-memory.ts';
import type { StageWorld } from '../support/stage-world.ts';
import { openStageWorld } from '../support/stage-world.ts';

const AT = '2026-01-01T00:00:00.000Z';
const VALUE = 'Tr0ub4dor "&" 3';
const KEY = `sk-${'a1B2'.repeat(8)}`;
const where = { tenant: 'default', agent: 'clerk' };
const mask = createMask({ pii: ['card'] });

let given: unknown;
let act: (password: string) => Promise<unknown> = async () => 'in';
const login = defineTool({
  name: 'login',
  description: 'Logs in.',
  input: z.object({ user: z.string(), password: z.string(), depth: z.number().optional() }),
  effect: 'read',
  secrets: ['CRM_PASSWORD', 'CRM_OTHER'],
  execute: async (input) => {
    given = input;
    return act(input.password);
  },
});
const look = defineTool({
  name: 'look',
  description: 'Looks.',
  input: z.object({ at: z.string() }),
  effect: 'read',
  execute: async ({ at }) => at,
});
const clerk = defineAgent({
  name: 'clerk',
  description: 'Does.',
  instructions: 'Do.',
  input: z.object({}),
  output: z.string(),
  goal: () => 'Do it.',
  tools: [login, look],
});

let world: StageWorld;
let count = 0;
before(async () => {
  world = await openStageWorld([clerk]);
});
after(() => world.stop());

async function asked(name: string, args: object): Promise<ExecuteToolInput> {
  count += 1;
  const task = { tenant: 'default', taskId: `clerk:s${count}` };
  const calls = [{ id: 't1c1', name, arguments: JSON.stringify(args) }];
  await world.memory.transcripts.write(task, { kind: 'assistant', seq: 2, at: AT, turn: 1, text: '', calls }, 1);
  const call = { task, agent: 'clerk', turn: 1, callId: 't1c1', name, assistantSeq: 2, seq: 3 };
  return { ...call, resultBytes: 4_096, taskStartedAt: AT, round: 1 };
}

const secrets = (name: string): string | undefined => (name === 'CRM_PASSWORD' ? VALUE : undefined);
const called = async (input: ExecuteToolInput) =>
  (await world.run((stages) => stages.executeTool(input), { with: { secrets } })).entry.outcome;

test('a secret is named in the arguments, and only the tool sees its value', async () => {
  const input = await asked('login', { user: 'ada', password: 'secret://CRM_PASSWORD' });
  act = async (password) => ({
    echo: `logged in with ${password}`,
    url: `https://x/?p=${encodeURIComponent(password)}`,
  });
  const outcome = await called(input);
  assert.deepEqual(given, { user: 'ada', password: VALUE });
  assert.deepEqual(JSON.parse(outcome.text), {
    echo: 'logged in with secret://CRM_PASSWORD',
    url: 'https://x/?p=secret://CRM_PASSWORD',
  });
  assert.ok(!(await everythingIn(input)).includes('Tr0ub4dor'), 'it is nowhere in Redis');
});

test('a secret that a tool may not use, or the worker does not have, is refused in words', async () => {
  given = undefined;
  const refused = async (name: string, args: object): Promise<string> => {
    const outcome = await called(await asked(name, args));
    assert.equal(outcome.status, 'refused');
    return outcome.text;
  };
  assert.equal(
    await refused('look', { at: 'secret://CRM_PASSWORD' }),
    'This tool may not use secret://CRM_PASSWORD. It may use: none.',
  );
  assert.match(
    await refused('login', { user: 'a', password: 'x secret://PATH' }),
    /may not use secret:\/\/PATH\. It may use: secret:\/\/CRM_PASSWORD, /,
  );
  assert.match(
    await refused('login', { user: 'a', password: 'secret://CRM_OTHER' }),
    /The worker has no secret CRM_OTHER/,
  );
  assert.equal(given, undefined);
});

test('what a tool throws or refuses says nothing of the secret it was given', async () => {
  const args = { user: 'ada', password: 'secret://CRM_PASSWORD' };
  act = async (password) => refuse(`${password} is wrong`);
  assert.equal((await called(await asked('login', args))).text, 'secret://CRM_PASSWORD is wrong');
  act = async (password) => {
    throw new Error(`cannot send ${password} and ${KEY}`, { cause: new Error(password) });
  };
  const input = await asked('login', args);
  await assert.rejects(called(input), (error) => {
    assert.ok(error instanceof ApplicationFailure);
    assert.match(error.message, /cannot send secret:\/\/CRM_PASSWORD and \[key\]/);
    const all = [error.message, error.stack, error.cause?.message, error.cause?.stack, error.cause?.cause].join('\n');
    assert.ok(!all.includes('Tr0ub4dor') && !all.includes(KEY), all);
    return true;
  });
  assert.ok(!(await everythingIn(input)).includes('Tr0ub4dor'));
});

test('a failure that a tool makes itself keeps its type and its delay, and says nothing of a secret', async () => {
  act = async (password) => {
    throw ApplicationFailure.create({
      message: `sent ${password} and ${KEY}`,
      type: 'Teapot',
      nonRetryable: true,
      nextRetryDelay: 700,
      details: [KEY, { password: 'hunter22', deep: [`Bearer ${'a1'.repeat(9)}`] }, 7],
      cause: new Error(`${password} inside`),
    });
  };
  const input = await asked('login', { user: 'ada', password: 'secret://CRM_PASSWORD' });
  await assert.rejects(called(input), (error) => {
    assert.ok(error instanceof ApplicationFailure);
    assert.deepEqual([error.type, error.nonRetryable, error.nextRetryDelay], ['Teapot', true, 700]);
    assert.equal(error.message, 'sent secret://CRM_PASSWORD and [key]');
    assert.deepEqual(error.details, ['[key]', { password: '[password]', deep: ['Bearer [token]'] }, 7]);
    const all = [error.message, error.stack, error.cause?.message, error.cause?.stack].join('\n');
    assert.ok(!all.includes('Tr0ub4dor') && !all.includes(KEY), all);
    return true;
  });
  assert.ok(!(await everythingIn(input)).includes(KEY));
});

test('a secret that the model says is in nothing that is shown or kept, while it speaks or after', async () => {
  const task = { tenant: 'default', taskId: 'clerk:said' };
  await world.memory.contexts.save(task, contextOf('say it'));
  const text = `${'All is well with it. '.repeat(20)}The password is hunter22hunter and the key ${KEY}, said twice: ${KEY}.`;
  world.model.setScript(() => ({ text, calls: [] }));
  const input = { task, agent: 'clerk', turn: 1, seq: 3, contextId: 't1', round: 1 };
  const { entry } = answered(await world.run((stages) => stages.inferNextAction(input)));
  assert.match(entry.text, /The password is \[password\] and the key \[key\], said twice: \[key\]\.$/);
  const events = await world.memory.events.read(task, { from: '0' });
  const shown = events.flatMap((event) => (event.type === 'model-delta' ? [event.text] : []));
  assert.equal(shown.join(''), entry.text);
  const all = `${JSON.stringify([entry, events])}${JSON.stringify(await world.memory.transcripts.read(task, { from: 3, to: 3 }))}`;
  assert.ok(!all.includes('hunter22') && !all.includes('a1B2'), all);
});

test('secrets in a result are masked in the entry, the events, the transcript and the artifact', async () => {
  const shown = [
    { password: 'hunter22', next_token: 'page2' },
    `postgres://admin:hunter22@db/x and ${KEY}`,
    `pay with 4111 1111 1111 1111 ${KEY}`,
    { deep: [{ api_key: 'hunter22-key' }] },
    withAttachments('dump', [{ mediaType: 'text/plain', content: `password=hunter22 ${KEY}` }]),
    `${KEY} hunter22x password: hunter22 ${'long '.repeat(2_000)} ${KEY}`,
  ];
  for (const result of shown) {
    act = async () => result;
    const input = await asked('login', { user: 'ada', password: 'none' });
    const outcome = await called(input);
    const all = `${JSON.stringify(outcome)}${await everythingIn(input)}`.replaceAll('hunter22x', '');
    for (const secret of ['hunter22', KEY, '4111 1111'])
      assert.ok(!all.includes(secret), `${secret} in ${all.slice(0, 500)}`);
  }
});

test('a call with a secret in its arguments is not made: what is kept is masked, and the model told how to name it', async () => {
  const check = (name: string, args: object) =>
    checkCall({
      agent: clerk,
      available: [login, look],
      context: { task: { tenant: 'default', taskId: 'clerk:x' }, memory: noMemory() },
      turn: 1,
      index: 0,
      call: { id: 'call_1', name, arguments: JSON.stringify(args) },
      masked: (text) => maskedText(text, mask, where),
    });
  const one = await check('login', { user: 'ada', password: 'hunter22' });
  assert.deepEqual(JSON.parse(one.arguments), { user: 'ada', password: '[password]' });
  assert.match(one.problem ?? '', /held a secret, .* Name the secret instead: secret:\/\/CRM_PASSWORD, /);
  const other = await check('look', { at: `https://me:hunter22@host/${KEY}` });
  assert.ok(!other.arguments.includes('hunter22') && !other.arguments.includes(KEY));
  assert.match(other.problem ?? '', /This tool takes no secrets/);
  const named = await check('login', { user: 'ada', password: 'secret://CRM_PASSWORD' });
  assert.deepEqual([named.problem, named.arguments.includes('secret://CRM_PASSWORD')], [undefined, true]);
});

test('what holds no secret stays as it is, byte for byte', () => {
  for (const text of ['{ "a" : 1.0,\n "token_count": 12 }', '[1, 2', 'plain', '{"next_token":"abc123def"}', '']) {
    assert.equal(maskedText(text, mask, where), text);
  }
});

/** Everything that Redis holds of a task, as one text. */
async function everythingIn({ task }: ExecuteToolInput): Promise<string> {
  const { redis, artifacts, transcripts } = world.memory;
  const keys = await redis.keys(`*${task.taskId}*`);
  const dumps = await Promise.all(
    keys.map(async (key) => {
      const type = await redis.type(key);
      if (type === 'hash') return JSON.stringify(await redis.hgetall(key));
      if (type === 'stream') return JSON.stringify(await redis.xrange(key, '-', '+'));
      if (type === 'string') return redis.get(key);
      if (type === 'zset') return JSON.stringify(await redis.zrange(key, '0', '-1'));
      return type === 'list' ? JSON.stringify(await redis.lrange(key, '0', '-1')) : type;
    }),
  );
  const kept = await Promise.all(['t1c1', 't1c1-1'].map((id) => artifacts.load(task, id)));
  const entries = await transcripts.read(task, { from: 3, to: 3 });
  return JSON.stringify([dumps, kept, entries]);
}
