import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { after, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { connectRedis, createEventLog } from '../../memory/index.ts';
import { openServed } from './serve-world.ts';

const { world, key, waiting } = await openServed();
const redis = connectRedis({ url: world.redis.url });
const log = createEventLog(redis);
after(async () => {
  redis.disconnect();
  await world.stop();
});

const SLOW_READERS = 20;
const EVENTS = 6_000;
const CHARACTERS = 20_000;
const AT_ONCE = 20;

/** Opens the events of a task and takes nothing of what comes. */
async function openAndReadNothing(url: string, path: string): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  await once(socket, 'connect');
  socket.pause();
  socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${key}\r\n\r\n`);
  return socket;
}

async function megabytesOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1_024;
}

/** Follows the words that are spoken, and measures how long each was on its way. */
async function listen(response: Response, spoken: number) {
  const delays: number[] = [];
  let rest = '';
  let gaps = 0;
  const words = new TextDecoder();
  assert.ok(response.body);
  for await (const chunk of response.body) {
    const lines = `${rest}${words.decode(chunk, { stream: true })}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line === 'event: gap') gaps += 1;
      const [, at] = /"text":"said at (\d+) /.exec(line) ?? [];
      if (at !== undefined) delays.push(Date.now() - Number(at));
    }
    if (delays.length === spoken) break;
  }
  return { delays: delays.toSorted((one, other) => one - other), gaps };
}

test('readers who take nothing cost the service little, hold up nobody, and are told what they have missed', async (t) => {
  const task = await waiting('ask');
  const { program, url } = await world.serveInProcess();
  const path = `/v1/tasks/${task.taskId}/events`;
  const follow = (from?: string): Promise<Response> =>
    fetch(`${url}${path}`, { headers: { Authorization: `Bearer ${key}`, ...(from && { 'Last-Event-ID': from }) } });
  const heard = listen(await follow(), EVENTS);
  const slow = await Promise.all(Array.from({ length: SLOW_READERS }, () => openAndReadNothing(url, path)));
  await delay(500);
  const before = await megabytesOf(program.pid);
  let most = before;

  for (let said = 0; said < EVENTS; said += AT_ONCE) {
    const text = `said at ${Date.now()} ${'x'.repeat(CHARACTERS)}`;
    const event = { type: 'model-delta' as const, at: new Date().toISOString(), turn: 1, text };
    await log.publish(
      { tenant: 'default', taskId: task.taskId },
      Array.from({ length: AT_ONCE }, () => event),
    );
    if (said % 500 === 0) most = Math.max(most, await megabytesOf(program.pid));
    await delay(30);
  }
  const { delays, gaps } = await heard;
  const p95 = delays[Math.floor(delays.length * 0.95)] ?? Number.NaN;

  const spoken = (EVENTS * CHARACTERS) / 2 ** 20;
  t.diagnostic(`${spoken.toFixed(0)} MB spoken; memory ${before.toFixed(0)} MB, at most ${most.toFixed(0)} MB`);
  t.diagnostic(`beside ${SLOW_READERS} who read nothing, one who reads is told after ${p95} ms (p95)`);
  assert.equal(gaps, 0);
  // Held up by the others, it would wait for thirty seconds.
  assert.ok(p95 < 5_000, `p95 ${p95} ms`);
  // A quarter of what would have to be held for all of them; what one reader was told is garbage for a while.
  assert.ok(most - before < (SLOW_READERS * spoken) / 4, `from ${before} to ${most} MB`);

  const [one] = slow;
  assert.ok(one);
  const cutOff = once(one, 'close');
  await delay(31_000);
  let read = '';
  one.on('error', () => undefined).on('data', (chunk) => (read += String(chunk)));
  one.resume();
  await cutOff;
  const last = [...read.matchAll(/^id: (\S+)\r?\n/gm)].at(-1)?.[1] ?? '';
  const back = await follow(last);
  let answer = '';
  const words = new TextDecoder();
  assert.ok(back.body);
  for await (const chunk of back.body) {
    answer += words.decode(chunk, { stream: true });
    if (answer.includes('event: snapshot\ndata: {') && answer.endsWith('\n\n')) break;
  }
  assert.match(answer, /event: gap\ndata: \{[^\n]+\}\n\n(id: .+\n)event: snapshot\ndata: \{[^\n]*Which colour/);
  for (const socket of slow) socket.destroy();
  program.terminate();
  assert.equal(await program.ended, 0, program.stderr());
});
