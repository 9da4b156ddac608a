import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { ConnectedWaymark, TaskHandle } from '../../client/index.ts';
import { untilStatus } from '../client/client-world.ts';
import { scribe } from '../client/scribe.ts';
import { freshKey, LINK_KEY, openServeWorld } from './serve-world.ts';
import type { ServeWorld, TestService } from './serve-world.ts';

const person = (id: string) => ({ kind: 'person', id }) as const;
const [MIRA, BO] = [person('mira@example.com'), person('bo@example.com')];

let world: ServeWorld;
let service: TestService;
let waymark: ConnectedWaymark;
/** Mira answers for finance, Bo for nobody but himself, and the shop for whom it names. */
let keys: { readonly mira: string; readonly bo: string; readonly shop: string };
before(async () => {
  world = await openServeWorld();
  waymark = await world.connect({ linkKey: LINK_KEY });
  await world.startWorker();
  keys = {
    mira: await world.makeKey({ rights: ['read', 'answer'], actor: MIRA, roles: ['finance'] }),
    bo: await world.makeKey({ rights: ['read', 'answer'], actor: BO }),
    shop: await world.makeKey({ rights: ['read', 'answer', 'act-for'], actor: { kind: 'service', id: 'shop' } }),
  };
  service = await world.serve();
});
after(() => world.stop());

/** A task whose call only finance may approve. */
async function publishing(): Promise<TaskHandle> {
  const task = await waymark.start(scribe, { key: freshKey(), input: { act: 'publish' } });
  await untilStatus(task, 'waiting');
  await task.approvals({ tools: { publish: { rules: [], otherwise: 'ask', terms: { for: 'finance' } } } });
  return task;
}

async function approve(task: TaskHandle, key: string, body: object = {}) {
  const { status, body: problem } = await service.post(`/v1/tasks/${task.taskId}/approvals/t1c1/approve`, body, {
    key,
  });
  return [status, String(problem['detail'] ?? '')] as const;
}

/** Somebody who has signed in on the pages. */
async function signedIn(key: string) {
  const post = (path: string, fields: Record<string, string>, cookie = '') =>
    fetch(`${service.url}${path}`, {
      method: 'POST',
      redirect: 'manual',
      headers: { Origin: service.url, Cookie: cookie },
      body: new URLSearchParams(fields),
    });
  const cookie = (await post('/login', { key })).headers.getSetCookie()[0]?.split(';')[0] ?? '';
  return {
    read: async (path: string) => {
      const text = await (await fetch(`${service.url}${path}`, { headers: { Cookie: cookie } })).text();
      return text.replaceAll(/\s+/g, ' ');
    },
    send: (path: string, fields: Record<string, string>) => post(path, fields, cookie),
  };
}

test('a key answers as its person in its roles, and as nobody else', async () => {
  const task = await publishing();
  const [refused, why] = await approve(task, keys.bo);
  assert.equal(refused, 403);
  assert.match(why, /Of t1c1, only finance may answer or hand it on; bo@example.com is somebody else/);
  for (const body of [{ by: MIRA }, { roles: ['finance'] }, { by: BO, roles: ['finance'] }]) {
    const [forbidden, lacks] = await approve(task, keys.bo, body);
    assert.equal(forbidden, 403, JSON.stringify(body));
    assert.match(lacks, /lacks the right "act-for"/);
  }
  assert.deepEqual(await approve(task, keys.mira, { by: MIRA }), [200, '']);
  const { closed } = await task.progress();
  assert.deepEqual([closed[0]?.how, closed[0]?.by], ['approved', MIRA]);
});

test('a key that may act for others says for whom, and in which roles', async () => {
  const task = await publishing();
  assert.match((await approve(task, keys.shop))[1], /shop is somebody else/);
  assert.match((await approve(task, keys.shop, { by: BO }))[1], /bo@example.com is somebody else/);
  assert.deepEqual(await approve(task, keys.shop, { by: BO, roles: ['finance'] }), [200, '']);
  assert.deepEqual((await task.progress()).closed[0]?.by, BO);
});

test('a page shows who may answer, and a form to those who may', async () => {
  const task = await publishing();
  const path = `/inbox/${task.taskId}/t1c1`;
  const [mira, bo, shop] = await Promise.all([keys.mira, keys.bo, keys.shop].map(signedIn));
  assert.ok(mira && bo && shop);

  assert.match(await mira.read('/inbox?for=me'), new RegExp(path));
  assert.doesNotMatch(await bo.read('/inbox?for=me'), new RegExp(path));
  const shown = await bo.read(path);
  assert.match(shown, /Only finance may answer this\./);
  assert.doesNotMatch(shown, /name="decision"/);
  assert.match(await (await bo.send(path, { decision: 'approve' })).text(), /only finance may answer or hand it on/);
  assert.equal((await bo.send(`${path}?as=finance`, { decision: 'approve' })).status, 403);
  assert.match(await mira.read(path), /name="decision" value="approve"/);
  const acting = await shop.read(path);
  assert.match(acting, /Your key may act for others: what you send here is signed finance\./);
  assert.match(acting, new RegExp(`action="${path}\\?as=finance"`));
  assert.equal((await shop.send(`${path}?as=finance`, { decision: 'approve' })).status, 303);
  assert.deepEqual((await task.progress()).closed[0]?.by, person('finance'));
});

test('a link is for whom the request is for, and holds while it is', async () => {
  const task = await publishing();
  const id = `${task.taskId}/t1c1`;
  await assert.rejects(waymark.inbox.link(id, { for: BO.id }), { code: 'InvalidInput', message: /no link for bo@/ });
  const { token } = await waymark.inbox.link(id);
  assert.equal((await waymark.inbox.verifyLink(token)).for, 'finance');

  await task.delegate({ requestId: 't1c1', to: BO.id, by: MIRA, roles: ['finance'] });

  const gone = await fetch(`${service.url}/answer/${token}`);
  assert.equal(gone.status, 410);
  assert.match(await gone.text(), /This link was for finance, and what it asks has gone to somebody else/);
  const bos = await waymark.inbox.link(id);
  const page = await fetch(`${service.url}/answer/${bos.token}`, {
    method: 'POST',
    headers: { Origin: service.url },
    body: new URLSearchParams({ decision: 'approve' }),
  });
  assert.match(await page.text(), /The call is approved/);
  assert.deepEqual((await task.progress()).closed[0]?.by, BO);
});
