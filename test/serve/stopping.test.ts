import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { openServed } from './serve-world.ts';

const { world, key, waiting } = await openServed();
after(() => world.stop());

const headers = { Authorization: `Bearer ${key}` };

/** Reads a stream of events until a text has come; the rest is read by whoever goes on. */
async function readUntil(reader: ReadableStreamDefaultReader<Uint8Array>, text: string): Promise<string> {
  const words = new TextDecoder();
  let read = '';
  while (!read.includes(text)) {
    const { done, value } = await reader.read();
    if (done) throw new Error(`the stream ended before ${text}: ${read}`);
    read += words.decode(value, { stream: true });
  }
  return read;
}

async function readToEnd(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
  while (!(await reader.read()).done);
}

function readerOf({ body }: Response): ReadableStreamDefaultReader<Uint8Array> {
  assert.ok(body);
  return body.getReader();
}

test('asked to stop, it ends its streams, answers what is under way, and goes; whoever followed comes back', async () => {
  const task = await waiting('ask');
  const { program, url } = await world.serveInProcess();
  const path = `/v1/tasks/${task.taskId}`;
  const stream = readerOf(await fetch(`${url}${path}/events`, { headers }));
  const told = await readUntil(stream, '"kind":"waiting"');
  const result = fetch(`${url}${path}/result?wait=60`, { headers }).then((response) => response.json());
  const unused = connect(Number(new URL(url).port), '127.0.0.1');
  unused.on('error', () => undefined);
  await once(unused, 'connect');
  // The request for the result is under way only when the service has read it; nothing tells when that is.
  await delay(500);
  const began = performance.now();

  program.terminate();
  await readToEnd(stream);
  const [answer, code] = await Promise.all([result, program.ended]);

  const took = performance.now() - began;
  assert.deepEqual(answer, { taskId: task.taskId, status: 'open' });
  assert.equal(code, 0, program.stderr());
  assert.ok(took < 5_000, `it took ${took} ms`);
  await assert.rejects(fetch(`${url}/healthz`));
  unused.destroy();

  const again = await world.serveInProcess();
  const last = [...told.matchAll(/^id: (.+)$/gm)].at(-1)?.[1] ?? '';
  const resumed = await fetch(`${again.url}${path}/events`, { headers: { ...headers, 'Last-Event-ID': last } });
  await task.answer({ questionId: 'q1', text: 'red' });
  const rest = await readUntil(readerOf(resumed), 'event: ended');
  const numberOf = (text: string) => [...text.matchAll(/^id: \d+-(\d+)$/gm)].map(([, number]) => Number(number));
  assert.equal(numberOf(rest)[0], (numberOf(told).at(-1) ?? 0) + 1);
  again.program.terminate();
  assert.equal(await again.program.ended, 0);
});

test('a request that is never sent whole holds up a stop for ten seconds and no longer', async () => {
  const { program, url } = await world.serveInProcess();
  const half = connect(Number(new URL(url).port), '127.0.0.1');
  half.on('error', () => undefined);
  await once(half, 'connect');
  const head = `POST /v1/tasks HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${headers.Authorization}`;
  half.write(`${head}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"agent"`);
  await fetch(`${url}/healthz`);
  const began = performance.now();

  program.terminate();
  const code = await program.ended;

  const took = performance.now() - began;
  assert.equal(code, 0, program.stderr());
  assert.ok(took < 13_000, `it took ${took} ms`);
  half.destroy();
});
