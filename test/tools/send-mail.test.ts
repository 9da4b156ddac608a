import assert from 'node:assert/strict';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, beforeEach, describe, it } from 'node:test';
import { SMTPServer } from 'smtp-server';
import { createSendMailTool } from '../../tools/builtin/index.ts';
import type { SendMailOptions } from '../../tools/builtin/index.ts';
import { freePort } from '../../local/free-port.ts';
import { runForObject, runTool } from '../support/run-tool.ts';

describe('send_mail through a real SMTP server', () => {
  let server: SMTPServer;
  let port: number;
  let mails: { from: string; to: string[]; text: string }[] = [];
  let refuseData = false;
  let hang = false;
  let open = 0;
  before(async () => {
    server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS'],
      onConnect: (_session, done) => {
        open += 1;
        done();
      },
      onClose: () => {
        open -= 1;
      },
      onAuth: ({ username, password }, _session, done) =>
        username === 'shop' && password === 'secret' ? done(null, { user: 'shop' }) : done(new Error('wrong password')),
      onRcptTo: ({ address }, _session, done) =>
        done(address.startsWith('gone@') ? Object.assign(new Error('no such user'), { responseCode: 550 }) : null),
      onData: (stream, session, done) => {
        void text(stream).then((body) => {
          if (hang) return;
          if (refuseData) return done(Object.assign(new Error('broken disk'), { responseCode: 451 }));
          const { mailFrom, rcptTo } = session.envelope;
          mails.push({ from: mailFrom ? mailFrom.address : '', to: rcptTo.map(({ address }) => address), text: body });
          done();
        });
      },
    });
    port = await freePort();
    server.listen(port, '127.0.0.1');
    await once(server.server, 'listening');
  });
  after(() => new Promise<void>((resolve) => server.close(() => resolve())));
  beforeEach(() => {
    mails = [];
    [refuseData, hang] = [false, false];
  });

  const toolFor = (more: Partial<SendMailOptions> = {}) =>
    createSendMailTool({
      server: () => `smtp://shop:secret@127.0.0.1:${port}`,
      from: 'Shop <shop@example.com>',
      recipients: ['@example.com', 'partner@example.org'],
      ...more,
    });
  const mail = { to: ['ada@example.com'], subject: 'Your order', text: 'It is on its way.\nThe shop' };

  it('delivers a mail once approved, with an id that is the same for every attempt', async () => {
    const tool = toolFor();
    assert.deepEqual([tool.description.effect, tool.description.approval], ['once', 'always']);
    const sent = await runForObject(tool, { ...mail, to: ['ada@example.com', 'partner@example.org'] });
    const again = await runForObject(tool, mail);
    assert.deepEqual(sent.accepted, ['ada@example.com', 'partner@example.org']);
    assert.deepEqual(mails[0]?.to, ['ada@example.com', 'partner@example.org']);
    assert.equal(mails[0].from, 'shop@example.com');
    assert.match(mails[0].text, /Subject: Your order/);
    assert.match(mails[0].text, /It is on its way\./);
    assert.match(mails[0].text, new RegExp(`Message-ID: ${String(sent.messageId)}`));
    assert.equal(again.messageId, sent.messageId);
  });

  it('writes to nobody who is not on the list', async () => {
    for (const stranger of ['eve@evil.test', 'ada@example.com.evil.test', 'ada@sub.example.com', 'x@example.org']) {
      await assert.rejects(runTool(toolFor(), { ...mail, to: ['ada@example.com', stranger] }), {
        name: 'ToolRefusal',
        message: /may not be written to/,
      });
    }
    assert.equal(mails.length, 0);
  });

  it('takes no lines into a header, and no addresses that are none', () => {
    for (const wrong of [
      { subject: 'a\r\nBcc: eve@evil.test' },
      { to: ['a@example.com\r\nBcc: b@example.com'] },
      { to: [] },
    ]) {
      assert.ok(!toolFor().bind(JSON.stringify({ ...mail, ...wrong })).ok, JSON.stringify(wrong));
    }
  });

  it('says which recipients the server did not take, and refuses where it took none', async () => {
    const some = await runForObject(toolFor(), { ...mail, to: ['ada@example.com', 'gone@example.com'] });
    assert.deepEqual([some.accepted, some.rejected], [['ada@example.com'], ['gone@example.com']]);
    await assert.rejects(runTool(toolFor(), { ...mail, to: ['gone@example.com'] }), {
      name: 'ToolRefusal',
      message: /no such user.*Nothing was sent/,
    });
  });

  it('knows that nothing was sent where the server is away or does not know us', async () => {
    const away = toolFor({ server: () => 'smtp://127.0.0.1:1' });
    await assert.rejects(runTool(away, mail), { name: 'ToolRefusal', message: /ECONNREFUSED.*Nothing was sent/ });
    const stranger = toolFor({ server: () => `smtp://shop:wrong@127.0.0.1:${port}` });
    await assert.rejects(runTool(stranger, mail), { name: 'ToolRefusal', message: /Nothing was sent/ });
  });

  it('does not claim to know where the server broke off while taking the mail', async () => {
    refuseData = true;
    await assert.rejects(runTool(toolFor(), mail), (error) => {
      assert.notEqual(Object(error).name, 'ToolRefusal');
      return true;
    });
  });

  it('cancelled in flight ends the connection', async () => {
    hang = true;
    const controller = new AbortController();
    const rejected = assert.rejects(runTool(toolFor(), mail, { signal: controller.signal }));
    const give = AbortSignal.timeout(5_000);
    while (open === 0 && !give.aborted) await sleep(10);
    await sleep(100);
    controller.abort();
    await rejected;
    while (open > 0 && !give.aborted) await sleep(20);
    assert.equal(open, 0);
  });

  it('shows the model neither server nor password', () => {
    assert.doesNotMatch(JSON.stringify([toolFor().spec, toolFor().grants]), /secret|127\.0\.0\.1/);
  });
});
