import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { Redis } from 'ioredis';
import type { TaskEvent } from '../../contracts/events.ts';
import { FailureType, isFailure } from '../../contracts/failures.ts';
import { TIME_TO_LIVE, keys } from '../../contracts/keys.ts';
import type { TranscriptEntry } from '../../contracts/transcript.ts';
import {
  EVENTS_KEPT,
  connectRedis,
  createArtifactStore,
  createContextStore,
  createEventLog,
  createTranscriptStore,
} from '../../memory/index.ts';
import { contextOf } from '../support/example-context.ts';
import { startTestRedis } from '../support/servers.ts';

const task = { tenant: 'acme', taskId: 'acme:onboarding:a' };
const at = '2026-11-23T12:00:00.000Z';
const note = (seq: number, text: string): TranscriptEntry => ({ kind: 'note', seq, at, text });
const delta = (text: string): TaskEvent => ({ type: 'model-delta', at, turn: 1, text });

describe('projections of a task', () => {
  let server: Awaited<ReturnType<typeof startTestRedis>>;
  let redis: Redis;
  before(async () => {
    server = await startTestRedis();
    redis = connectRedis({ url: server.url });
  });
  after(async () => {
    redis.disconnect();
    await server.stop();
  });
  beforeEach(() => redis.flushall());

  const livesFor = async (key: string, seconds: number) => {
    const left = await redis.ttl(key);
    assert.ok(left > seconds - 10 && left <= seconds, `${key} lives for ${left} s`);
  };

  describe('the transcript', () => {
    it('reads a range in order, without what is missing', async () => {
      const transcripts = createTranscriptStore(redis);
      const outcome = { status: 'ok', text: 'é\n"quoted" {"attempt":99}', artifact: { id: 'a1', bytes: 5 } } as const;
      const tool: TranscriptEntry = { kind: 'tool', seq: 3, at, turn: 1, callId: 'c1', name: 'look', outcome };
      for (const entry of [tool, note(1, 'one'), note(1_200, 'far')]) await transcripts.write(task, entry, 1);
      assert.deepEqual(await transcripts.read(task, { from: 1, to: 3 }), [note(1, 'one'), tool]);
      assert.deepEqual(await transcripts.read(task, { from: 2, to: 1_500 }), [tool, note(1_200, 'far')]);
      assert.deepEqual(await transcripts.read(task, { from: 3, to: 2 }), []);
      await livesFor(keys.transcript(task), TIME_TO_LIVE.transcript);
      await transcripts.remove(task);
      assert.deepEqual(await transcripts.read(task, { from: 1, to: 9 }), []);
    });

    it('reads back a summary', async () => {
      const transcripts = createTranscriptStore(redis);
      const summary: TranscriptEntry = {
        kind: 'summary',
        seq: 1,
        at,
        upTo: 9,
        text: 'What came before.',
        kept: ['A-17'],
      };
      await transcripts.write(task, summary, 1);
      assert.deepEqual(await transcripts.read(task, { from: 1, to: 1 }), [summary]);
    });

    it('ignores the write of an awakened zombie', async () => {
      const transcripts = createTranscriptStore(redis);
      await transcripts.write(task, note(1, 'by attempt 2'), 2);
      await transcripts.write(task, note(1, 'by the zombie'), 1);
      assert.deepEqual(await transcripts.read(task, { from: 1, to: 1 }), [note(1, 'by attempt 2')]);
      await transcripts.write(task, note(1, 'by attempt 10'), 10);
      await transcripts.write(task, note(1, 'by attempt 9'), 9);
      assert.deepEqual(await transcripts.read(task, { from: 1, to: 1 }), [note(1, 'by attempt 10')]);
    });

    it('names the key and field of an entry that cannot be read', async () => {
      const transcripts = createTranscriptStore(redis);
      await redis.hset(keys.transcript(task), { 1: 'not json', 2: '{"attempt":1,"entry":{"kind":"note","seq":7}}' });
      const named = (words: RegExp) => (error: Error) =>
        isFailure(error, FailureType.MemoryUnavailable) && words.test(error.message);
      await assert.rejects(transcripts.read(task, { from: 1, to: 1 }), named(/transcript field 1 cannot be read/));
      await assert.rejects(transcripts.read(task, { from: 2, to: 2 }), named(/numbered 7 stands here/));
    });
  });

  describe('contexts and artifacts', () => {
    const words = 'wörter '.repeat(20_000);
    const context = contextOf(words, {
      contextId: 'turn-4',
      tools: [{ name: 'look', description: 'Looks.', parameters: { type: 'object' } }],
    });

    it('come back as they were saved, packed, and expire', async () => {
      const [contexts, artifacts] = [createContextStore(redis), createArtifactStore(redis)];
      await contexts.save(task, context);
      await artifacts.save(task, 'c1', words);
      assert.deepEqual(await contexts.load(task, 'turn-4'), context);
      assert.equal(await artifacts.load(task, 'c1'), words);
      assert.ok((await redis.strlen(keys.context(task, 'turn-4'))) < 2_000);
      await livesFor(keys.context(task, 'turn-4'), TIME_TO_LIVE.context);
      await livesFor(keys.artifact(task, 'c1'), TIME_TO_LIVE.artifact);
    });

    it('are absent when they are gone, and another task does not see them', async () => {
      const [contexts, artifacts] = [createContextStore(redis), createArtifactStore(redis)];
      await contexts.save(task, context);
      await artifacts.save(task, 'c1', '');
      const other = { ...task, tenant: 'other' };
      assert.equal(await contexts.load(other, 'turn-4'), undefined);
      assert.equal(await artifacts.load(other, 'c1'), undefined);
      assert.equal(await artifacts.load(task, 'c1'), '');
    });

    it('say so when they are corrupt: a context is assembled again', async () => {
      await redis.set(keys.context(task, 'turn-4'), 'torn');
      await redis.set(keys.artifact(task, 'c1'), 'torn');
      await assert.rejects(createContextStore(redis).load(task, 'turn-4'), (error) =>
        isFailure(error, FailureType.ContextMissing),
      );
      await assert.rejects(createArtifactStore(redis).load(task, 'c1'), /artifact:c1 cannot be read/);
    });
  });

  describe('the event log', () => {
    it('resumes after an offset', async () => {
      const events = createEventLog(redis);
      await events.publish(task, [delta('a'), delta('b')]);
      await events.publish(task, [delta('c')]);
      await events.publish(task, []);
      const [first, ...rest] = await events.read(task, { from: '0' });
      assert.deepEqual(first, { ...delta('a'), offset: first?.offset });
      assert.deepEqual(await events.read(task, { from: first?.offset ?? '' }), rest);
      assert.equal((await events.read(task, { from: '0', limit: 2 })).length, 2);
      assert.deepEqual(await events.read(task, { from: rest.at(-1)?.offset ?? '' }), []);
      await livesFor(keys.events(task), TIME_TO_LIVE.events);
      await assert.rejects(events.read(task, { from: '$' }), RangeError);
    });

    it('waits for the first event without holding up other commands, and leaves no connection behind', async () => {
      const events = createEventLog(redis);
      const before = await clientCount(redis);
      const waiting = Array.from({ length: 5 }, () => events.read(task, { from: '0', waitMs: 10_000 }));
      await untilBlocked(redis, 5);
      await events.publish(task, [delta('now')]);
      for (const found of await Promise.all(waiting)) assert.equal(found.length, 1);
      assert.deepEqual(await events.read({ ...task, tenant: 'quiet' }, { from: '0', waitMs: 50 }), []);
      await until(async () => (await clientCount(redis)) === before);
    });

    it('keeps about the newest two thousand', async () => {
      const events = createEventLog(redis);
      const batch = Array.from({ length: 500 }, (_, index) => delta(`${index}`));
      for (let round = 0; round < 6; round += 1) await events.publish(task, batch);
      const kept = await redis.xlen(keys.events(task));
      assert.ok(kept >= EVENTS_KEPT && kept < EVENTS_KEPT + 200, `${kept} kept`);
      const [oldest] = await events.read(task, { from: '0', limit: 1 });
      assert.equal(oldest?.type, 'model-delta');
    });
  });
});

async function clientCount(redis: Redis): Promise<number> {
  return Number(/connected_clients:(\d+)/.exec(await redis.info('clients'))?.[1]);
}

async function untilBlocked(redis: Redis, count: number): Promise<void> {
  await until(async () => (await redis.info('clients')).includes(`blocked_clients:${count}`));
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 5_000;
  while (!(await holds())) assert.ok(Date.now() < deadline, 'in time');
}
