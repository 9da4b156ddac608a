import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { after, before, beforeEach, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { ApplicationFailure } from '@temporalio/common';
import { Webhook } from 'standardwebhooks';
import { createHttpRequestTool, createWebhookTool } from '../../tools/builtin/index.ts';
import { freePort } from '../../local/free-port.ts';
import { retryAfterMs } from '../../tools/retry-after.ts';
import type { HttpRequestOptions } from '../../tools/builtin/index.ts';
import type { Tool } from '../../tools/define-tool.ts';
import type { LoopbackServer } from '../support/loopback.ts';
import { serve } from '../support/loopback.ts';
import { runForObject, runTool } from '../support/run-tool.ts';

interface Seen {
  readonly method: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

const BOMB = gzipSync(Buffer.alloc(64 * 1024 * 1024, 'x'));

let server: LoopbackServer;
let seen: Seen[] = [];
let closed = 0;
before(async () => {
  server = await serve(async (request, response) => {
    const { method, headers } = request;
    seen.push({ method, headers, body: await text(request) });
    const answer = (status: number, type: string, body: string | Buffer, more: Record<string, string> = {}): void =>
      void response.writeHead(status, { 'content-type': type, ...more }).end(body);
    switch (request.url) {
      case '/json':
        return answer(200, 'application/json; charset=utf-8', '{"left":2}');
      case '/missing':
        return answer(404, 'text/plain', 'no such thing');
      case '/busy':
        return answer(429, 'text/plain', 'later', { 'retry-after': '7' });
      case '/broken':
        return answer(500, 'text/plain', 'oops');
      case '/image':
        return answer(200, 'image/png', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 0, 0]));
      case '/latin1':
        return answer(200, 'text/plain; charset=iso-8859-1', Buffer.from([0x66, 0xfc, 0x72]));
      case '/bomb':
        return answer(200, 'text/plain', BOMB, { 'content-encoding': 'gzip' });
      case '/not-json':
        return answer(200, 'application/json', '{"left":');
      case '/silent':
        return void response.on('close', () => (closed += 1));
      default:
        return answer(200, 'text/plain', 'hello');
    }
  });
});
after(() => server.close());
beforeEach(() => {
  seen = [];
});

const toolFor = (more: Partial<HttpRequestOptions> = {}): Tool =>
  createHttpRequestTool({ hosts: [`127.0.0.1:${server.port}`], ...more });

describe('http_get', () => {
  it('answers JSON parsed, text as it is, and a status of 400 and above as a result', async () => {
    assert.deepEqual((await runForObject(toolFor(), { url: `${server.url}/json` })).body, { left: 2 });
    assert.equal((await runForObject(toolFor(), { url: `${server.url}/` })).body, 'hello');
    const missing = await runForObject(toolFor(), { url: `${server.url}/missing` });
    assert.deepEqual([missing.status, missing.body], [404, 'no such thing']);
    assert.equal((await runForObject(toolFor(), { url: `${server.url}/not-json` })).body, '{"left":');
  });

  it('names binary content, and reads other charsets', async () => {
    const image = await runForObject(toolFor(), { url: `${server.url}/image` });
    assert.deepEqual([image.body, image.binary], [undefined, 'image/png, 7 bytes']);
    assert.equal((await runForObject(toolFor(), { url: `${server.url}/latin1` })).body, 'für');
  });

  it('reads no more of a body than was set, after decompression', async () => {
    const before = process.memoryUsage().arrayBuffers;
    const bomb = await runForObject(toolFor({ largestBodyBytes: 1_000 }), { url: `${server.url}/bomb` });
    assert.deepEqual([String(bomb.body).length, bomb.bodyCut], [1_000, true]);
    assert.ok(process.memoryUsage().arrayBuffers - before < 32 * 1024 * 1024);
  });

  it('only reads: other methods, bodies and headers that are not the model’s are refused at the door', () => {
    const url = `${server.url}/`;
    assert.ok(!toolFor().bind(JSON.stringify({ url, method: 'POST' })).ok);
    for (const headers of [
      { Authorization: 'x' },
      { cookie: 'x' },
      { host: 'x' },
      { accept: 'a\r\nb: c' },
      { 'a b': 'c' },
    ]) {
      assert.ok(!toolFor().bind(JSON.stringify({ url, headers })).ok, JSON.stringify(headers));
    }
    assert.ok(!toolFor().bind('{"url":"file:///etc/passwd"}').ok);
    assert.deepEqual(toolFor().description.approval, 'never');
  });

  it('sends the worker’s headers, which the model does not see', async () => {
    const tool = toolFor({ headers: () => ({ authorization: 'Bearer of the worker' }) });
    const result = await runTool(tool, { url: `${server.url}/json`, headers: { accept: 'application/json' } });
    assert.equal(seen[0]?.headers.authorization, 'Bearer of the worker');
    assert.equal(seen[0]?.headers.accept, 'application/json');
    assert.doesNotMatch(JSON.stringify([result, tool.spec, tool.grants]), /of the worker/);
  });

  it('is a failure for Temporal where the service is busy or broken, with the delay it asks for', async () => {
    await assert.rejects(runTool(toolFor(), { url: `${server.url}/busy` }), (error) => {
      assert.ok(error instanceof ApplicationFailure);
      assert.deepEqual([error.type, error.nonRetryable, error.nextRetryDelay], ['ToolBackend', false, 7_000]);
      return true;
    });
    await assert.rejects(runTool(toolFor(), { url: `${server.url}/broken` }), /answered 500: "oops"/);
    const port = await freePort();
    const gone = createHttpRequestTool({ hosts: [`127.0.0.1:${port}`] });
    await assert.rejects(
      runTool(gone, { url: `http://127.0.0.1:${port}/` }),
      /GET http:\/\/127\.0\.0\.1:\d+\/: .*ECONNREFUSED/,
    );
  });

  it('cancelled in flight ends the connection', async () => {
    const controller = new AbortController();
    const running = runTool(toolFor(), { url: `${server.url}/silent` }, { signal: controller.signal });
    setTimeout(() => controller.abort(), 100);
    await assert.rejects(running);
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.equal(closed, 1);
  });
});

describe('http_request', () => {
  it('that is idempotent sends the key that is the same for every attempt', async () => {
    const tool = toolFor({ effect: 'idempotent' });
    assert.deepEqual([tool.description.effect, tool.description.approval], ['idempotent', 'always']);
    const args = { url: `${server.url}/`, method: 'POST', json: { amount: 3 } };
    await runTool(tool, args, { idempotencyKey: 'key-1' });
    assert.deepEqual(
      [seen[0]?.method, seen[0]?.headers['idempotency-key'], seen[0]?.headers['content-type'], seen[0]?.body],
      ['POST', 'key-1', 'application/json', '{"amount":3}'],
    );
  });

  it('that acts once sends no key, and says so where nothing was done', async () => {
    const tool = toolFor({ effect: 'once' });
    await runTool(tool, { url: `${server.url}/`, method: 'DELETE' });
    assert.equal(seen[0]?.headers['idempotency-key'], undefined);
    await assert.rejects(runTool(tool, { url: `${server.url}/busy`, method: 'POST' }), {
      name: 'ToolRefusal',
      message: /nothing was done/,
    });
    const port = await freePort();
    const gone = createHttpRequestTool({ hosts: [`127.0.0.1:${port}`], effect: 'once' });
    await assert.rejects(runTool(gone, { url: `http://127.0.0.1:${port}/`, method: 'POST' }), {
      name: 'ToolRefusal',
      message: /ECONNREFUSED.*nothing was sent/,
    });
    await assert.rejects(runTool(tool, { url: `${server.url}/broken`, method: 'POST' }), {
      name: 'ApplicationFailure',
    });
  });

  it('takes JSON or text, not both', () => {
    const both = { url: `${server.url}/`, method: 'POST', json: 1, text: 'x' };
    assert.ok(!toolFor({ effect: 'once' }).bind(JSON.stringify(both)).ok);
  });
});

describe('send_webhook', () => {
  const secret = `whsec_${Buffer.from('a secret of thirty-two characters').toString('base64')}`;
  const hook = (path: string, more: object = {}): Tool =>
    createWebhookTool({ url: `${server.url}${path}`, secret: () => secret, purpose: 'Tells the shop.', ...more });

  it('is signed so that a receiver’s library accepts it, under a key of the call', async () => {
    const call = { event: 'order.paid', data: { id: 7 } };
    await runTool(hook('/'), call, { idempotencyKey: 'key-2' });
    await runTool(hook('/'), call, { idempotencyKey: 'key-2', attempt: 2 });
    const [first, second] = seen;
    assert.ok(first && second);
    const headers = Object.fromEntries(Object.entries(first.headers).map(([name, value]) => [name, String(value)]));
    assert.deepEqual(new Webhook(secret).verify(first.body, headers), { type: 'order.paid', data: { id: 7 } });
    assert.throws(() => new Webhook(secret).verify(first.body.replace('7', '8'), headers));
    assert.equal(headers['idempotency-key'], 'key-2');
    assert.deepEqual([second.body, second.headers['webhook-id']], [first.body, first.headers['webhook-id']]);
  });

  it('shows the model neither address nor secret, and takes only its events', () => {
    const tool = hook('/', { events: ['order.paid'] });
    assert.doesNotMatch(JSON.stringify(tool.spec), new RegExp(`whsec|${server.port}`));
    assert.ok(!tool.bind('{"event":"order.lost","data":{}}').ok);
  });

  it('refused by its receiver is a refusal, a broken receiver a failure', async () => {
    await assert.rejects(runTool(hook('/missing'), { event: 'a', data: {} }), {
      name: 'ToolRefusal',
      message: /no such thing/,
    });
    await assert.rejects(runTool(hook('/broken'), { event: 'a', data: {} }), { name: 'ApplicationFailure' });
  });
});

describe('what a server asks us to wait', () => {
  it('is seconds or a date, never negative, at most an hour', () => {
    assert.equal(retryAfterMs('7'), 7_000);
    assert.equal(retryAfterMs('Wed, 21 Oct 2026 07:28:00 GMT', Date.parse('2026-10-21T07:27:00Z')), 60_000);
    assert.equal(retryAfterMs('Wed, 21 Oct 2020 07:28:00 GMT'), 0);
    assert.equal(retryAfterMs('999999'), 3_600_000);
    assert.deepEqual([retryAfterMs(null), retryAfterMs(''), retryAfterMs('soon')], [undefined, undefined, undefined]);
  });
});
