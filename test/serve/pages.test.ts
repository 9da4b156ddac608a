import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { after, test } from 'node:test';
import type { Page } from 'playwright-core';
import { openPage, withoutChromium } from '../support/chromium.ts';
import { openServed } from './serve-world.ts';

const { world, service, waymark, key, waiting } = await openServed();
after(() => world.stop());

/** Signs in without a browser; gives the cookie. */
async function signIn(token: string = key): Promise<string> {
  const response = await send('/login', { key: token });
  const [cookie = ''] = response.headers.getSetCookie();
  assert.match(cookie, /HttpOnly/);
  assert.match(cookie, /SameSite=Lax/);
  return cookie.split(';')[0] ?? '';
}

/** Sends a form as a browser does. */
function send(path: string, fields: Record<string, string>, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${service.url}${path}`, {
    method: 'POST',
    redirect: 'manual',
    headers: { Origin: service.url, ...headers },
    body: new URLSearchParams(fields),
  });
}

function open(path: string, cookie = ''): Promise<Response> {
  return fetch(`${service.url}${path}`, { redirect: 'manual', headers: { Cookie: cookie } });
}

const axePath = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** What axe-core finds serious or critical on the page. */
async function seriousFindings(page: Page): Promise<string[]> {
  // The page's own policy lets no script in, so the check is done from outside it.
  await page.evaluate(await readFile(axePath, 'utf8'));
  const found: unknown = await page.evaluate('axe.run().then(({ violations }) => violations)');
  assert.ok(Array.isArray(found));
  return found
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, help, nodes }) => `${id}: ${help} ${JSON.stringify(nodes[0]?.html)}`);
}

/** As {@link seriousFindings}, once in light and once in dark. */
async function seriousFindingsInBoth(page: Page): Promise<string[]> {
  const found: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    found.push(...(await seriousFindings(page)).map((finding) => `${page.url()} in ${colorScheme}: ${finding}`));
  }
  return found;
}

/** Moves the focus with the Tab key until it stands on what has this name. */
async function tabTo(page: Page, name: RegExp): Promise<void> {
  for (let pressed = 0; pressed < 40; pressed += 1) {
    await page.keyboard.press('Tab');
    const text = await page.evaluate(
      'document.activeElement.labels?.[0]?.textContent ?? document.activeElement.textContent',
    );
    if (name.test(String(text).trim())) return;
  }
  throw new Error(`the Tab key comes to nothing named ${name} on ${page.url()}`);
}

test(
  'with the keyboard alone somebody signs in, answers a question, and sees the task go on live',
  { skip: withoutChromium() },
  async (t) => {
    const task = await waiting('ask', { key: 'keyboard' });
    const { page, close } = await openPage();
    t.after(close);
    const errors: string[] = [];
    page.on('console', (message) => void (message.type() === 'error' && errors.push(message.text())));
    page.on('pageerror', (error) => void errors.push(error.message));

    await page.goto(`${service.url}/inbox`);
    await tabTo(page, /^Key$/);
    await page.keyboard.type(key);
    await page.keyboard.press('Enter');
    await page.waitForURL('**/inbox');
    assert.deepEqual(await seriousFindings(page), []);
    await tabTo(page, /^Which colour\?$/);
    await page.keyboard.press('Enter');
    await page.waitForURL('**/inbox/scribe:keyboard/q1');
    assert.deepEqual(await seriousFindings(page), []);
    await tabTo(page, /^red$/);
    await page.keyboard.press('ArrowDown');
    await tabTo(page, /^Answer$/);
    await page.keyboard.press('Enter');
    await page.waitForURL('**/tasks/scribe:keyboard?done=answered');
    assert.deepEqual(await seriousFindings(page), []);

    await page.getByText('completed', { exact: true }).first().waitFor();
    await page.getByText(/"text":".*blue/).waitFor();
    assert.match(JSON.stringify((await task.result()).result), /blue/);
    assert.deepEqual(errors, []);
  },
);

test('a task page goes on by itself, from before the question to the end', { skip: withoutChromium() }, async (t) => {
  const task = await waiting('publish');
  const { page, close } = await openPage();
  t.after(close);
  await page.context().addCookies([cookieOf(await signIn())]);

  await page.goto(`${service.url}/tasks/${task.taskId}`);
  await page.getByText('waiting for approval').waitFor();
  await page.getByRole('link', { name: /May it call publish/ }).waitFor();
  await page.emulateMedia({ colorScheme: 'dark' });
  assert.deepEqual(await seriousFindings(page), []);
  await task.approve({ callId: 't1c1' });

  await page.getByText('published Letters').first().waitFor();
  await page.locator('[data-state]').getByText('completed').waitFor();
});

test(
  'nothing serious is wrong with signing in, an approval, and what a link opens, in light and in dark',
  { skip: withoutChromium() },
  async (t) => {
    const [publishes, asks] = [await waiting('publish'), await waiting('ask')];
    const links = await Promise.all(
      [`${publishes.taskId}/t1c1`, `${asks.taskId}/q1`].map((id) => waymark.inbox.link(id, { for: 'bo@example.com' })),
    );
    const { page, close } = await openPage();
    t.after(close);
    const findings: string[] = [];

    for (const path of ['/login', ...links.map(({ token }) => `/answer/${token}`)]) {
      await page.goto(`${service.url}${path}`);
      findings.push(...(await seriousFindingsInBoth(page)));
    }
    await page.getByRole('radio', { name: 'red' }).check();
    await page.getByRole('button', { name: 'Answer' }).click();
    await page.getByText('Your answer is with the task').waitFor();
    findings.push(...(await seriousFindingsInBoth(page)));
    await page.goto(`${service.url}/login`);
    await page.getByLabel('Key').fill('wmk_00000000_nothing');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').waitFor();
    findings.push(...(await seriousFindingsInBoth(page)));

    await page.context().addCookies([cookieOf(await signIn())]);
    await page.goto(`${service.url}/inbox/${publishes.taskId}/t1c1`);
    await page.getByText('Hand it on to somebody else').click();
    findings.push(...(await seriousFindingsInBoth(page)));
    await page.getByLabel('With these arguments').fill('{"title": 7}');
    await page.getByRole('button', { name: 'Approve' }).click();
    await page.getByRole('alert').waitFor();
    findings.push(...(await seriousFindingsInBoth(page)));

    assert.deepEqual(findings, []);
  },
);

function cookieOf(cookie: string) {
  const [name = '', value = ''] = cookie.split(/=(.*)/s);
  return { name, value, url: service.url };
}

test('without a script one reads the inbox, answers and approves', async () => {
  const [asks, publishes] = [await waiting('ask'), await waiting('publish')];
  const cookie = await signIn();

  const inbox = await (await open('/inbox', cookie)).text();
  const question = await (await open(`/inbox/${asks.taskId}/q1`, cookie)).text();
  const answered = await send(`/inbox/${asks.taskId}/q1`, { answer: 'red' }, { Cookie: cookie });
  const approval = await (await open(`/inbox/${publishes.taskId}/t1c1`, cookie)).text();
  const refused = await send(`/inbox/${publishes.taskId}/t1c1`, { decision: 'reject' }, { Cookie: cookie });
  const approved = await send(`/inbox/${publishes.taskId}/t1c1`, { decision: 'approve' }, { Cookie: cookie });

  assert.ok(inbox.includes(`/inbox/${asks.taskId}/q1`) && inbox.includes(`/inbox/${publishes.taskId}/t1c1`));
  for (const expected of [
    'Which colour?',
    'Write a text, then ask.',
    'Draft the text',
    'I draft, then I need a colour.',
  ]) {
    assert.ok(question.includes(expected), expected);
  }
  assert.match(question, /<input\s+type="radio"\s+name="answer"\s+value="red"/);
  assert.deepEqual([answered.status, answered.headers.get('location')], [303, `/tasks/${asks.taskId}?done=answered`]);
  assert.match(approval, /&quot;title&quot;: &quot;Letters&quot;/);
  assert.equal(refused.status, 422);
  assert.match(await refused.text(), /Say why it is refused/);
  assert.equal(approved.status, 303);
  assert.match(JSON.stringify((await asks.result()).result), /red/);
  assert.match(JSON.stringify((await publishes.result()).result), /published/);
  const story = await (await open(`/tasks/${asks.taskId}`, cookie)).text();
  assert.match(story, /completed/);
  assert.match(story, /ada@example\.com<\/span>\s*<span class="said">red<\/span>/, 'what was answered, and by whom');
});

test('an answer that the question does not take comes back with the reason, and the form', async () => {
  const task = await waiting('ask');

  const response = await send(`/inbox/${task.taskId}/q1`, { answer: 'green' }, { Cookie: await signIn() });

  const page = await response.text();
  assert.equal(response.status, 422);
  assert.match(page, /role="alert".*green.*choose one of: red, blue/s);
  assert.match(page, /value="red"/);
});

test('pages are for who has signed in, and a revoked key ends its session', async () => {
  const task = await waiting('ask');
  const own = await world.makeKey({ actor: { kind: 'person', id: 'gone@example.com' } });
  const wrong = await send('/login', { key: 'wmk_00000000_nothing' });
  const cookie = await signIn(own);
  assert.equal((await open('/inbox', cookie)).status, 200);

  const { readKeyFile, writeKeyFile } = await import('../../serve/index.ts');
  const left = (await readKeyFile(world.keyFile)).filter(({ actor }) => actor.id !== 'gone@example.com');
  await writeKeyFile(world.keyFile, left);
  await new Promise((resolve) => setTimeout(resolve, 1_100));

  assert.equal(wrong.status, 401);
  for (const path of ['/', '/inbox', `/inbox/${task.taskId}/q1`, '/tasks', `/tasks/${task.taskId}`]) {
    for (const held of ['', cookie, 'waymark_session=%7B%22key%22%3A%221%22%7D.forged']) {
      const response = await open(path, held);
      assert.deepEqual([response.status, response.headers.get('location')?.slice(0, 7)], [303, '/login?'], path);
    }
  }
});

test('what is sent from another site, or from none, is not taken', async () => {
  const task = await waiting('ask');
  const cookie = await signIn();
  const path = `/inbox/${task.taskId}/q1`;

  const foreign = await send(path, { answer: 'red' }, { Cookie: cookie, Origin: 'https://evil.example.com' });
  const nowhere = await fetch(`${service.url}${path}`, {
    method: 'POST',
    headers: { Cookie: cookie },
    body: new URLSearchParams({ answer: 'red' }),
  });
  const login = await send('/login', { key }, { Origin: 'https://evil.example.com' });

  assert.deepEqual([foreign.status, nowhere.status, login.status], [403, 403, 403]);
  assert.equal((await task.progress()).status.kind, 'waiting');
});

test('pages let in no script but their own, and no frame', async () => {
  const response = await open('/login');

  const policy = response.headers.get('content-security-policy') ?? '';
  for (const rule of ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "form-action 'self'"]) {
    assert.ok(policy.includes(rule), `${policy} lacks ${rule}`);
  }
  assert.equal(response.headers.get('cache-control'), 'no-store');
  assert.equal(response.headers.get('referrer-policy'), 'no-referrer');
  assert.doesNotMatch(await response.text(), /<script(?![^>]*src=)|\son\w+=|style=/);
});

test('after signing in one goes on to a page of this service and nowhere else', async () => {
  for (const next of ['https://evil.example.com', '//evil.example.com', '/\\evil.example.com', 'javascript:alert(1)']) {
    const response = await send('/login', { key, next });
    assert.equal(response.headers.get('location'), '/inbox', next);
  }
  assert.equal(
    (await send('/login', { key, next: '/tasks?status=waiting' })).headers.get('location'),
    '/tasks?status=waiting',
  );
});

test('what people and models say is text on a page, and never markup', async () => {
  const task = await waiting('ask');
  await task.send({
    text: '<script>alert(1)</script><img src=x onerror=alert(1)>',
    by: { kind: 'person', id: '<b>x</b>' },
  });

  const page = await (await open(`/tasks/${task.taskId}`, await signIn())).text();

  assert.ok(page.includes('&lt;script&gt;alert(1)'), page);
  assert.doesNotMatch(page, /<script>|<img|<b>/);
});

test('a signed link opens one question without signing in, and takes its answer once', async () => {
  const task = await waiting('ask');
  const link = await waymark.inbox.link(`${task.taskId}/q1`);
  const path = `/answer/${link.token}`;

  const page = await (await open(path)).text();
  const answered = await send(path, { answer: 'blue' });
  const replayed = await send(path, { answer: 'red' });
  const again = await open(path);

  assert.match(page, /Which colour\?/);
  assert.doesNotMatch(page, /href="\/inbox"/);
  assert.match(await answered.text(), /Your answer is with the task/);
  assert.deepEqual([replayed.status, again.status], [410, 410]);
  assert.match(JSON.stringify((await task.result()).result), /blue/);
  assert.equal((await open(`/inbox/${task.taskId}/q1`)).status, 303);
});

test('a link that was forged, is of another request, or has expired opens nothing', async () => {
  const task = await waiting('ask');
  const { token } = await waymark.inbox.link(`${task.taskId}/q1`);
  const [body = '', seal = ''] = token.split('.');
  const claims = JSON.parse(Buffer.from(body, 'base64url').toString('utf8'));
  const withClaims = (changed: object) =>
    `${Buffer.from(JSON.stringify({ ...claims, ...changed })).toString('base64url')}.${seal}`;
  const foreign = await world.connect({ linkKey: 'another key that is as long as it must be' });
  const forged = [
    withClaims({ requestId: 'q2' }),
    withClaims({ tenant: 'other' }),
    withClaims({ for: 'mallory@example.com' }),
    `${token}A`,
    body,
    'nonsense',
    (await foreign.inbox.link(`${task.taskId}/q1`)).token,
  ];
  const { token: short } = await waymark.inbox.link(`${task.taskId}/q1`, { goodFor: 1 });
  await new Promise((resolve) => setTimeout(resolve, 20));

  for (const one of forged) {
    assert.equal((await open(`/answer/${one}`)).status, 404, one);
    assert.equal((await send(`/answer/${one}`, { answer: 'red' })).status, 404, one);
  }
  assert.equal((await open(`/answer/${short}`)).status, 410);
  assert.equal((await task.progress()).status.kind, 'waiting');
});
