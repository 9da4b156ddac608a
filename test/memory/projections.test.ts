import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FailureType, isFailure } from '../../contracts/failures.ts';
import { TIME_TO_LIVE, keys } from '../../contracts/keys.ts';
import type { TranscriptEntry } from '../../contracts/transcript.ts';
import { createArtifactStore, createContextStore, createTranscriptStore } from '../../memory/index.ts';
import { contextOf } from '../support/example-context.ts';
import { useTestRedis } from '../support/test-redis.ts';

const { redis } = await useTestRedis();

const task = { tenant: 'acme', taskId: 'acme:onboarding:a' };
const at = '2026-11-23T12:00:00.000Z';
const note = (seq: number, text: string): TranscriptEntry => ({ kind: 'note', seq, at, text });

describe('projections of a task', () => {
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
});
