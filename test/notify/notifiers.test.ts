import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, before, beforeEach, test } from 'node:test';
import { SMTPServer } from 'smtp-server';
import { Webhook } from 'standardwebhooks';
import { freePort } from '../../local/free-port.ts';
import { createLogNotifier, createMailNotifier, createWebhookNotifier } from '../../notify/index.ts';
import type { Notice } from '../../notify/index.ts';

const SECRET = `whsec_${Buffer.from('a secret of webhooks, long enough').toString('base64')}`;
const signal = new AbortController().signal;
const NOTICE: Notice = {
  idempotencyKey: 'onboarding:acme:1:q1.reminder.0:webhook',
  kind: 'reminder',
  to: 'mira@example.com',
  tenant: 'default',
  taskId: 'onboarding:acme',
  agent: 'onboarding',
  goal: 'Onboard Acme',
  request: {
    kind: 'question',
    id: 'q1',
    text: 'Which plan?',
    why: 'the contract names none',
    choices: ['team', 'business'],
    askedAt: '2026-11-25T00:00:00.000Z',
    deadline: '2026-11-28T00:00:00.000Z',
  },
  at: '2026-11-25T00:00:00.000Z',
};

let answer = 200;
let received: { readonly headers: IncomingHttpHeaders; readonly body: string }[] = [];
const receiver = createServer((request, response) => {
  void text(request).then((body) => {
    received.push({ headers: request.headers, body });
    response.writeHead(answer).end('said so');
  });
});
let mails: { readonly to: string[]; readonly text: string }[] = [];
const mailServer = new SMTPServer({
  authOptional: true,
  disabledCommands: ['STARTTLS'],
  onData: (stream, session, done) => {
    void text(stream).then((body) => {
      mails.push({ to: session.envelope.rcptTo.map(({ address }) => address), text: body });
      done();
    });
  },
});
let url = '';
let smtp = '';
before(async () => {
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  // What a TCP server listens on is an address with a port.
  const { port } = receiver.address() as AddressInfo;
  url = `http://127.0.0.1:${port}/waymark`;
  const mailPort = await freePort();
  await new Promise<void>((resolve) => void mailServer.listen(mailPort, '127.0.0.1', resolve));
  smtp = `smtp://127.0.0.1:${mailPort}`;
});
beforeEach(() => {
  [answer, received, mails] = [200, [], []];
});
after(async () => {
  await new Promise((resolve) => receiver.close(resolve));
  await new Promise<void>((resolve) => mailServer.close(resolve));
});

test('a webhook is signed so that the receiver can verify it, and names its attempts by one id', async () => {
  const notifier = createWebhookNotifier({ url, secret: SECRET });
  await notifier.send(NOTICE, { signal });
  await notifier.send(NOTICE, { signal });

  const [first, second] = received;
  assert.ok(first && second);
  const headers = {
    'webhook-id': String(first.headers['webhook-id']),
    'webhook-timestamp': String(first.headers['webhook-timestamp']),
    'webhook-signature': String(first.headers['webhook-signature']),
  };
  const verified: unknown = new Webhook(SECRET).verify(first.body, headers);
  assert.deepEqual(Object(verified).type, 'waymark.reminder');
  assert.equal(Object(verified).data.request.text, 'Which plan?');
  assert.throws(() => new Webhook(SECRET).verify(first.body.replace('plan', 'ship'), headers));
  assert.equal(first.headers['webhook-id'], NOTICE.idempotencyKey);
  assert.equal(second.headers['webhook-id'], NOTICE.idempotencyKey);
  assert.equal(first.body, second.body);
});

test('an answer of the receiver that will not change is final; any other is tried again', async () => {
  const notifier = createWebhookNotifier({ url, secret: 'plain' });
  answer = 410;
  await assert.rejects(notifier.send(NOTICE, { signal }), {
    type: 'NotifierRefused',
    nonRetryable: true,
    message: /410: said so/,
  });
  answer = 503;
  await assert.rejects(
    notifier.send(NOTICE, { signal }),
    (error: Error) => !('nonRetryable' in error) && /503/.test(error.message),
  );
});

test('a mail goes to whom the request is for, and says all that is needed to answer', async () => {
  const notifier = createMailNotifier({ server: smtp, from: 'Waymark <w@example.com>', recipients: ['@example.com'] });
  await notifier.send(NOTICE, { signal });

  const [mail] = mails;
  assert.deepEqual(mail?.to, ['mira@example.com']);
  for (const part of [
    'Which plan?',
    'the contract names none',
    'Choices: team, business',
    'waymark answer onboarding:acme q1',
  ]) {
    assert.ok(mail?.text.includes(part), `${part} in ${mail?.text ?? ''}`);
  }
  assert.match(mail?.text ?? '', /Message-ID: <[0-9a-f]{32}@example\.com>/);
});

test('nobody is mailed whom the worker does not know, whoever a model names', async () => {
  const recipients = ['mira@example.com', 'ops=night@example.com', '@example.org'];
  const notifier = createMailNotifier({ server: smtp, from: 'w@example.com', recipients });
  for (const to of [
    'eve@example.com',
    'a@example.com,eve@example.org',
    'eve@example.org.evil.com',
    'nobody',
    'x <eve@example.org>',
  ]) {
    await assert.rejects(notifier.send({ ...NOTICE, to }, { signal }), { type: 'NotifierRefused' }, to);
  }
  await notifier.send({ ...NOTICE, to: 'Ops' }, { signal });
  await notifier.send({ ...NOTICE, to: 'bo@example.org' }, { signal });
  const { to: _to, ...forNobody } = NOTICE;
  await notifier.send(forNobody, { signal });
  assert.deepEqual(
    mails.map(({ to }) => to),
    [['night@example.com'], ['bo@example.org']],
  );
});

test('the log is told in a line, with the task and the request', async () => {
  const lines: [string, unknown][] = [];
  await createLogNotifier({ write: (...line) => void lines.push(line) }).send(NOTICE, { signal });
  assert.deepEqual(lines, [
    [
      'A question waits: Onboard Acme',
      { notice: 'reminder', to: 'mira@example.com', taskId: 'onboarding:acme', requestId: 'q1' },
    ],
  ]);
});
