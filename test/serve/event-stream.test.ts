import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { eventStream } from '../../serve/http/event-stream.ts';
import type { StreamMessage } from '../../serve/http/event-stream.ts';

const mayGoOn = async (): Promise<boolean> => true;

/** A source that never ends, and counts what is taken from it. */
function endless() {
  const seen = { taken: 0, closed: false };
  async function* messages(): AsyncGenerator<StreamMessage, void, undefined> {
    try {
      for (;;) {
        seen.taken += 1;
        yield { id: String(seen.taken), event: 'status', data: 'x\ny' };
      }
    } finally {
      seen.closed = true;
    }
  }
  return { seen, messages: messages() };
}

test('for a reader who takes nothing, nothing more is read, and after a while it is cut off', async () => {
  const { seen, messages } = endless();
  let ended = 0;
  const stream = eventStream({ mayGoOn, messages, onEnd: () => void (ended += 1), stallMs: 100 });
  const reader = stream.getReader();

  await reader.read();
  await reader.read();
  await delay(30);
  assert.ok(seen.taken <= 3, `${seen.taken} were read for it`);
  await delay(200);

  assert.deepEqual([ended > 0, seen.closed], [true, true]);
  await assert.rejects(
    async () => {
      for (;;) if ((await reader.read()).done) return;
    },
    { message: /took nothing for too long/ },
  );
});

test('a reader who leaves ends the reading on its behalf', async () => {
  const { seen, messages } = endless();
  const reader = eventStream({ mayGoOn, messages, onEnd: () => undefined }).getReader();

  await reader.read();
  await reader.cancel();
  await delay(20);

  assert.equal(seen.closed, true);
});

test('a silent stream says that it still lives, and loses nothing meanwhile', async () => {
  async function* late(): AsyncGenerator<StreamMessage, void, undefined> {
    await delay(120);
    yield { id: '1-0', event: 'ended', data: 'one\ntwo' };
  }
  const stream = eventStream({ mayGoOn, messages: late(), onEnd: () => undefined, heartbeatMs: 30 });

  const text = await new Response(stream).text();

  assert.match(text, /^retry: 2000\n\n(: still here\n\n)+id: 1-0\nevent: ended\ndata: one\ndata: two\n\n$/);
});

test('a reader whose key is revoked is told nothing more, and the stream ends', async () => {
  const { seen, messages } = endless();
  let isValid = true;
  let ended = 0;
  const stream = eventStream({ messages, mayGoOn: async () => isValid, onEnd: () => void (ended += 1) });
  const reader = stream.getReader();
  await reader.read();
  assert.ok(!(await reader.read()).done);
  isValid = false;
  let read = 0;
  while (!(await reader.read()).done) read += 1;
  assert.ok(read <= 2, 'only what was on its way');
  assert.deepEqual([ended, seen.closed], [1, true]);
});
