import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { rights } from '../../serve/index.ts';
import { ask, operationsOf } from './operations.ts';
import { openServed } from './serve-world.ts';

const { world, service, waymark, key, waiting } = await openServed();
after(() => world.stop());

test('another tenant’s tasks are not there, whatever is asked of them', async () => {
  const task = await waiting('ask');
  const foreign = await world.makeKey({ tenant: 'other' });

  for (const id of [task.taskId, `default:${task.taskId}`]) {
    const about = (await operationsOf(service, id)).filter(({ aboutTask }) => aboutTask);
    assert.ok(about.length > 10);
    for (const operation of about) {
      const { status, body } = await ask(service, operation, foreign);
      assert.deepEqual([status, Object(body)['type']], [404, 'urn:waymark:problem:task-not-found'], operation.id);
    }
  }
  const list = await service.get('/v1/tasks', { key: foreign });
  const inbox = await service.get('/v1/inbox', { key: foreign });
  assert.deepEqual([list.body, inbox.body], [{ tasks: [] }, { items: [], silent: [], more: false }]);
  const cookie = await signedIn(foreign);
  for (const path of [`/tasks/${task.taskId}`, `/tasks/${task.taskId}/live`, `/inbox/${task.taskId}/q1`]) {
    assert.equal((await service.get(path, { headers: { Cookie: cookie } })).status, 404, path);
  }
  const answered = await fetch(`${service.url}/inbox/${task.taskId}/q1`, {
    method: 'POST',
    headers: { Origin: service.url, Cookie: cookie },
    body: new URLSearchParams({ answer: 'red' }),
  });
  assert.equal(answered.status, 404);
  assert.equal((await task.progress()).status.kind, 'waiting');
});

async function signedIn(token: string): Promise<string> {
  const login = await fetch(`${service.url}/login`, {
    method: 'POST',
    redirect: 'manual',
    headers: { Origin: service.url },
    body: new URLSearchParams({ key: token }),
  });
  return login.headers.getSetCookie()[0]?.split(';')[0] ?? '';
}

test('a key does what its rights say, and nothing else', async () => {
  const task = await waiting('ask');

  for (const operation of await operationsOf(service, task.taskId)) {
    const without = await world.makeKey({ rights: rights.filter((right) => right !== operation.right) });
    const { status, body } = await ask(service, operation, without);
    assert.deepEqual([status, Object(body)['type']], [403, 'urn:waymark:problem:forbidden'], operation.id);
    assert.match(String(Object(body)['detail']), new RegExp(`lacks the right "${operation.right}"`));
  }
  const sender = await world.makeKey({ rights: ['send'] });
  const other = { text: 'x', by: { kind: 'person', id: 'boss@example.com' } };
  assert.equal((await service.post(`/v1/tasks/${task.taskId}/messages`, other, { key: sender })).status, 403);
  const linker = await world.makeKey({ rights: ['answer'] });
  assert.equal((await service.post(`/v1/inbox/${task.taskId}/q1/link`, {}, { key: linker })).status, 403);
  assert.equal((await task.progress()).status.kind, 'waiting');
});

test('a request without a key, or with one that is wrong, expired or revoked, is not answered', async () => {
  const expired = await world.makeKey({ days: -1 });
  const changed = `${key.slice(0, -1)}${key.endsWith('A') ? 'B' : 'A'}`;

  for (const one of [undefined, '', 'nonsense', changed, expired, key.toUpperCase()]) {
    const { status, headers } = await service.get('/v1/tasks', one === undefined ? {} : { key: one });
    assert.deepEqual([status, headers.get('www-authenticate')], [401, 'Bearer realm="waymark"'], one);
  }
});

test('what is too large, too deep, or no JSON is refused before anything is done with it', async () => {
  const task = await waiting('ask');
  const path = `/v1/tasks/${task.taskId}/messages`;
  const deep = `{"text":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
  const long = JSON.stringify({ text: 'x'.repeat(600_000) });

  assert.equal((await service.post(path, long, { key })).status, 413);
  assert.equal((await service.post(path, deep, { key })).status, 400);
  assert.equal((await service.post(path, '{"text":', { key })).status, 400);
  assert.equal((await service.post(path, { text: 'x'.repeat(100_001) }, { key })).status, 400);
  assert.equal((await service.post(path, '{"__proto__":{"admin":true},"text":"x"}', { key })).status, 400);
  const chunked = await fetch(`${service.url}${path}`, {
    method: 'POST',
    duplex: 'half',
    headers: { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' },
    body: new ReadableStream({
      pull: (controller) => controller.enqueue(new TextEncoder().encode('x'.repeat(64 * 1024))),
    }),
  }).then(
    ({ status }) => status,
    // The connection may end before all was sent.
    () => 413,
  );
  assert.equal(chunked, 413);
  assert.equal((await task.progress()).entries, (await waymark.get(task.taskId).progress()).entries);
  assert.equal((await service.get('/healthz')).status, 200);
});

test('a flood of messages to one task is bounded, and what was acknowledged is all there', async () => {
  const bounded = await world.serve({ limits: { messages: 20 } });
  const task = await waiting('ask');
  const other = await waiting('ask');
  // A message would wake it, and its agent would finish.
  await task.pause({ reason: 'a flood is coming' });
  const path = `/v1/tasks/${task.taskId}/messages`;

  const answers = await Promise.all(
    Array.from({ length: 80 }, async (_, at) => ({
      at,
      answer: await bounded.post(path, { text: `message number ${at}.` }, { key }),
    })),
  );
  const taken = answers.filter(({ answer }) => answer.status === 200 || answer.status === 202);
  const refused = answers.filter(({ answer }) => answer.status === 429);

  assert.equal(taken.length + refused.length, 80, JSON.stringify(answers.map(({ answer }) => answer.status)));
  assert.equal(taken.length, 20);
  for (const { answer } of refused) assert.match(answer.headers.get('retry-after') ?? '', /^\d+$/);
  assert.equal((await bounded.post(`/v1/tasks/${other.taskId}/messages`, { text: 'x' }, { key })).status, 200);
  await task.resume();
  const captured = new Set<string>();
  for await (const event of task.events()) if (event.type === 'input-captured') captured.add(event.text);
  for (const { at } of taken) assert.ok(captured.has(`message number ${at}.`), `message ${at} was lost`);
  for (const { at } of refused) assert.ok(!captured.has(`message number ${at}.`), `message ${at} was refused`);
});

test('a key that asks too often is told when it may again; another is not held up', async () => {
  const bounded = await world.serve({ limits: { requests: 5, strangers: 3 } });
  const [eager, calm] = [await world.makeKey(), await world.makeKey()];

  const statuses: number[] = [];
  for (let asked = 0; asked < 7; asked += 1) statuses.push((await bounded.get('/v1/agents', { key: eager })).status);
  const strangers: number[] = [];
  for (let asked = 0; asked < 5; asked += 1) strangers.push((await bounded.get('/v1/agents')).status);

  assert.deepEqual(statuses, [200, 200, 200, 200, 200, 429, 429]);
  assert.deepEqual(strangers, [401, 401, 401, 429, 429]);
  assert.equal((await bounded.get('/v1/agents', { key: calm })).status, 200);
});

test('streams are followed from where one left off, and there are only so many of one key', async () => {
  const bounded = await world.serve({ limits: { streams: 2 } });
  const task = await waiting('ask');
  await task.answer({ questionId: 'q1', text: 'red' });
  await task.result();
  const path = `/v1/tasks/${task.taskId}/events`;
  const all = await bounded.get(path, { key });
  const ids = [...String(all.body['text']).matchAll(/^id: (.+)$/gm)].map(([, id]) => id ?? '');
  const middle = ids[Math.floor(ids.length / 2)] ?? '';

  const rest = await bounded.get(path, { key, headers: { 'Last-Event-ID': middle } });
  const nothing = await bounded.get(path, { key, headers: { 'Last-Event-ID': ids.at(-1) ?? '' } });
  const wrong = await bounded.get(path, { key, headers: { 'Last-Event-ID': 'never' } });

  assert.match(String(all.body['text']), /event: ended\ndata: \{/);
  const restIds = [...String(rest.body['text']).matchAll(/^id: (.+)$/gm)].map(([, id]) => id);
  assert.deepEqual(restIds, ids.slice(ids.indexOf(middle) + 1));
  assert.equal(nothing.status, 204);
  assert.equal(wrong.status, 400);
  const open = await waiting('ask');
  const leave = new AbortController();
  const watch = () =>
    fetch(`${bounded.url}/v1/tasks/${open.taskId}/events`, {
      signal: leave.signal,
      headers: { Authorization: `Bearer ${key}` },
    });
  const statuses = [(await watch()).status, (await watch()).status, (await watch()).status];
  leave.abort();
  assert.deepEqual(statuses, [200, 200, 429]);
  const until = Date.now() + 10_000;
  let status = 429;
  while (status === 429 && Date.now() < until) {
    await delay(50);
    const again = new AbortController();
    const response = await fetch(`${bounded.url}/v1/tasks/${open.taskId}/events`, {
      signal: again.signal,
      headers: { Authorization: `Bearer ${key}` },
    });
    ({ status } = response);
    again.abort();
  }
  assert.equal(status, 200);
});

test('while it has no keys it answers to this machine alone, and to no web page', async () => {
  const env = { ...world.env, WAYMARK_SERVE_KEY_FILE: `${world.keyFile}.none` };
  const open = await world.serve({ env });
  const { openService } = await import('../../cli/running/open-service.ts');
  const { DEFAULT_LIMITS } = await import('../../serve/index.ts');
  const actor = { kind: 'person', id: 'local' } as const;
  const session = { env, tenant: undefined, actor, roles: [], say: () => undefined };

  assert.equal((await open.get('/v1/tasks')).status, 200);
  const { port } = new URL(open.url);
  assert.equal(await statusWith(Number(port), 'Host: evil.example.com'), 403);
  assert.equal(await statusWith(Number(port), `Host: localhost:${port}\r\nOrigin: https://evil.example.com`), 403);
  await assert.rejects(openService(session, { host: '0.0.0.0', port: 0, limits: DEFAULT_LIMITS }), {
    name: 'ServeError',
    message: /there are no keys\. Make one with `waymark serve keys create`/,
  });
});

/** `fetch` sets these headers itself. */
async function statusWith(port: number, headers: string): Promise<number> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.write(`GET /v1/tasks HTTP/1.1\r\n${headers}\r\nConnection: close\r\n\r\n`);
  let answer = '';
  for await (const chunk of socket) answer += String(chunk);
  return Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]);
}
