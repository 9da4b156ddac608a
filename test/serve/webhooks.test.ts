import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import { Webhook } from 'standardwebhooks';
import { freshKey, openServed } from './serve-world.ts';

const SECRET = `whsec_${Buffer.from('a secret of thirty-two bytes, ok').toString('base64')}`;
const OLDER = 'the secret that is being replaced';

const env = { WAYMARK_WEBHOOK_SECRET: `${SECRET},${OLDER}` };
const { world, service, waymark, key, waiting } = await openServed({ env });
after(() => world.stop());

async function listening() {
  const task = await waiting('listen');
  return { task, path: `/v1/tasks/${task.taskId}/events/contract-signed` };
}

interface Sent {
  readonly id: string;
  readonly body: string;
  readonly at?: Date;
  readonly webhook?: Webhook;
}

/** As a third party sends it. */
function signed({ id, body, at = new Date(), webhook = new Webhook(SECRET) }: Sent) {
  const seconds = String(Math.floor(at.getTime() / 1_000));
  return { 'webhook-id': id, 'webhook-timestamp': seconds, 'webhook-signature': webhook.sign(id, at, body) };
}

const deliver = (path: string, sent: Sent) => service.post(path, sent.body, { headers: signed(sent) });

async function heard(taskId: string): Promise<string[]> {
  const texts: string[] = [];
  for await (const event of waymark.get(taskId).events()) if (event.type === 'input-captured') texts.push(event.text);
  return texts;
}

test('a third party’s own JSON, signed, is the event that a task waits for', async () => {
  const { task, path } = await listening();
  const body = '{"type":"contract.signed","data":{"id":123456789012345678901,"by":"Ada"}}';

  const { status } = await deliver(path, { id: 'msg_1', body });
  await task.result();

  assert.equal(status, 200);
  assert.ok((await heard(task.taskId)).some((text) => text.includes(body)));
});

test('a sender in another language, with nothing but its standard library, is understood', async () => {
  const { task, path } = await listening();
  const program = `
import base64, hashlib, hmac, json, sys, time, urllib.request
url, secret = sys.argv[1:]
body, at = json.dumps({"signed": "in Python"}), str(int(time.time()))
key = base64.b64decode(secret.removeprefix("whsec_"))
mac = hmac.new(key, f"msg_python.{at}.{body}".encode(), hashlib.sha256).digest()
headers = {"content-type": "application/cloudevents+json", "webhook-id": "msg_python", "webhook-timestamp": at,
           "webhook-signature": "v1,AAAA v1," + base64.b64encode(mac).decode()}
print(urllib.request.urlopen(urllib.request.Request(url, body.encode(), headers)).status)
`;

  const { stdout } = await promisify(execFile)('python3', ['-c', program, `${service.url}${path}`, SECRET]);

  await task.result();

  assert.equal(stdout.trim(), '200');
  assert.ok((await heard(task.taskId)).some((text) => text.includes('{"signed": "in Python"}')));
});

test('the same webhook counts once, however often it is sent, and for no other event', async () => {
  const { task, path } = await listening();
  const other = await listening();
  await task.pause({ reason: 'to see what came' });
  const sent = { id: `msg_${freshKey()}`, body: '"once"' };

  const first = await deliver(path, sent);
  const again = await deliver(path, { ...sent, at: new Date(Date.now() + 2_000) });
  const renamed = await service.post(path, sent.body, { headers: { ...signed(sent), 'Idempotency-Key': freshKey() } });
  const elsewhere = await deliver(other.path, sent);
  await task.resume();
  await task.result();

  assert.deepEqual([first.status, again.status, renamed.status, elsewhere.status], [200, 200, 200, 409]);
  assert.equal((await heard(task.taskId)).filter((text) => text.includes('once')).length, 1);
  assert.equal((await other.task.progress()).status.kind, 'waiting');
});

test('a webhook that is forged, changed, old or malformed is refused', async () => {
  const { task, path } = await listening();
  const [id, body] = ['msg_forged', '{"amount":1}'];
  const good = signed({ id, body });
  const stranger = new Webhook(Buffer.from('somebody else’s secret, just as long'), { format: 'raw' });
  const minutes = (count: number): Date => new Date(Date.now() + count * 60_000);
  const attempts: readonly (readonly [what: string, body: string, headers: Record<string, string>])[] = [
    ['another secret', body, signed({ id, body, webhook: stranger })],
    ['another body', '{"amount":1000}', good],
    ['another id', body, { ...good, 'webhook-id': 'msg_other' }],
    ['another time', body, { ...good, 'webhook-timestamp': String(Math.floor(Date.now() / 1_000) + 60) }],
    ['too old', body, signed({ id, body, at: minutes(-6) })],
    ['too new', body, signed({ id, body, at: minutes(6) })],
    ['an id with a full stop', body, signed({ id: 'msg.1', body })],
    ['no time', body, { 'webhook-id': id, 'webhook-signature': good['webhook-signature'] }],
    ['no signature', body, { 'webhook-id': id, 'webhook-timestamp': good['webhook-timestamp'] }],
    ['a wrong key beside it', body, { ...good, Authorization: 'Bearer wmk_wrong' }],
  ];

  for (const [what, sent, headers] of attempts) {
    assert.equal((await service.post(path, sent, { headers })).status, 401, what);
  }
  assert.equal((await task.progress()).status.kind, 'waiting');
});

test('a signature is good for events of its tenant, and for nothing else', async () => {
  const { task, path } = await listening();
  const body = '{"text":"let me in"}';
  const about = `/v1/tasks/${task.taskId}`;
  const old = new Webhook(Buffer.from(OLDER), { format: 'raw' });

  assert.equal((await deliver(`${about}/messages`, { id: 'msg_a', body })).status, 401);
  assert.equal((await service.get(about, { headers: signed({ id: 'msg_b', body: '' }) })).status, 401);
  assert.equal((await deliver('/v1/tasks/other:scribe:x/events/contract-signed', { id: 'msg_c', body })).status, 404);
  assert.equal((await deliver(path, { id: 'msg_d', body: '{"half' })).status, 400);
  assert.equal((await deliver(path, { id: 'msg_e', body: '" "' })).status, 400);
  assert.equal((await deliver(path, { id: 'msg_f', body: JSON.stringify('x'.repeat(100_001)) })).status, 400);
  assert.equal((await deliver(path, { id: 'msg_g', body, webhook: old })).status, 200);
});

test('with a key any JSON is an event too, and without a secret nothing signed is taken', async () => {
  const { task, path } = await listening();
  const other = await listening();
  const closed = await world.serve();
  const body = '[1,2]';

  const refused = await closed.post(other.path, body, { headers: signed({ id: 'msg_h', body }) });
  const taken = await closed.post(path, body, { key });
  await task.result();

  assert.deepEqual([refused.status, taken.status], [401, 200]);
  assert.ok((await heard(task.taskId)).some((text) => text.includes(body)));
});
