import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { TaskHandle } from '../../client/index.ts';
import { scribe } from '../client/scribe.ts';
import { assertIncludes } from '../support/assert-includes.ts';
import { freshKey, openServed } from './serve-world.ts';

const { world, service, waymark, key, waiting } = await openServed();
let cookie = '';
before(async () => {
  cookie = (await send('/login', { key })).headers.getSetCookie()[0]?.split(';')[0] ?? '';
});
after(() => world.stop());

/** Sends a form as a browser without scripts does. */
async function send(path: string, fields: Record<string, string>): Promise<Response> {
  return fetch(`${service.url}${path}`, {
    method: 'POST',
    redirect: 'manual',
    headers: { Origin: service.url, Cookie: cookie },
    body: new URLSearchParams(fields),
  });
}

async function read(path: string): Promise<string> {
  return (await fetch(`${service.url}${path}`, { redirect: 'manual', headers: { Cookie: cookie } })).text();
}

const endOf = async (task: TaskHandle): Promise<string> => JSON.stringify((await task.result()).result);
const placeOf = (response: Response): string | undefined => response.headers.get('location')?.split('?').at(-1);
/** Markup on one line, so that a test need not know where it wraps. */
const flat = (markup: string): string => markup.replaceAll(/\s+/g, ' ');

test('a question with a schema is answered by a form made from it: yes or no, numbers, choices, texts, objects', async () => {
  const task = await waiting('ask-forms');
  const pages = await Promise.all(
    ['q1', 'q2', 'q3', 'q4', 'q5', 'q6'].map(async (id) => flat(await read(`/inbox/${task.taskId}/${id}`))),
  );
  const party = {
    'part.guestName': 'Ada "the first"',
    'part.seats': '4',
    'part.day': '2027-01-31',
    'part.meal': '"soup"',
    'part.vegan': 'true',
    'part.extras': '["candles"]',
  };
  const answers = [
    { answer: 'true' },
    { answer: '2.5' },
    { answer: '3' },
    { answer: '"card"' },
    { answer: 'as "it" is' },
    party,
  ];
  for (const [at, fields] of answers.entries()) {
    const response = await send(`/inbox/${task.taskId}/q${at + 1}`, fields);
    assert.equal(placeOf(response), 'done=answered', `q${at + 1}: ${await response.text()}`);
  }

  const [yes = '', number = '', integer = '', choice = '', words = '', object = ''] = pages;
  assert.match(yes, /type="radio" name="answer" value="true" required.* Yes .*value="false".* No /);
  assert.match(number, /<input type="number"[^>]* name="answer"[^>]*step="any" min="0" max=""/);
  assert.match(integer, /<input type="number"[^>]*step="1" min="1" max="5"/);
  assert.match(choice, /type="radio" name="answer" value="&quot;letter&quot;".* letter .* card /);
  assert.match(words, /<input type="text"[^>]* name="answer"[^>]*maxlength="40"/);
  for (const part of [
    /<label for="field-0">Guest name<\/label>/,
    /<input type="number" id="field-1" name="part.seats" required/,
    /<input type="date" id="field-2" name="part.day"/,
    /name="part.meal" value="&quot;fish&quot;"/,
    /<legend>Vegan <span class="quiet">\(may be left out\)<\/span><\/legend> <small id="field-4-hint">For the kitchen/,
    /<textarea class="code" id="field-5" name="part.extras"/,
  ]) {
    assert.match(object, part);
  }
  const told = await endOf(task);
  for (const expected of ['true', '2.5', '3', 'card', 'as \\"it\\" is']) assert.ok(told.includes(expected), told);
  const written = JSON.stringify({
    guestName: 'Ada "the first"',
    seats: 4,
    day: '2027-01-31',
    meal: 'soup',
    vegan: true,
    extras: ['candles'],
  });
  assert.ok(told.includes(JSON.stringify(written).slice(1, -1)), told);
});

test('an answer that does not fit comes back with the reason beside the form, and what was typed', async () => {
  const task = await waiting('ask-forms');
  const wrong = async (id: string, fields: Record<string, string>): Promise<string> => {
    const response = await send(`/inbox/${task.taskId}/${id}`, fields);
    assert.equal(response.status, 422, id);
    return flat(await response.text());
  };

  const number = await wrong('q2', { answer: '-4' });
  const nothing = await wrong('q3', { answer: ' ' });
  const word = await wrong('q3', { answer: 'many' });
  const object = await wrong('q6', {
    'part.guestName': 'Ada <b>',
    'part.seats': '99',
    'part.meal': '"soup"',
    'part.extras': '[oops',
  });

  assert.match(number, /aria-label="Answer">.*role="alert"><p>[^<]*-4[^<]*<\/p><\/div> <form.*value="-4"/);
  assert.match(nothing, /role="alert"/);
  assert.match(word, /role="alert"><p>[^<]*many/);
  assert.match(object, /role="alert"><p>[^<]*seats/);
  assert.match(object, /name="part.guestName"[^>]*value="Ada &lt;b&gt;"/);
  assert.match(object, /name="part.seats"[^>]*value="99"/);
  assert.match(object, /value="&quot;soup&quot;" checked/);
  assert.match(object, /name="part.extras"[^>]*> ?\[oops<\/textarea/);
  assert.equal((await task.progress()).questions.length, 6);
});

/** How the model is told of arguments that a person has changed. */
const CHANGED = /changed its arguments to/;

test('a call is approved with the arguments that were typed, once they are JSON that fits the tool', async () => {
  const task = await waiting('publish');
  const path = `/inbox/${task.taskId}/t1c1`;
  const approve = (args: string) => send(path, { decision: 'approve', remember: '', arguments: args });

  const page = flat(await read(path));
  const broken = await approve('{"title": "Spring letters"');
  const misfit = await approve('{"title": 7}');
  const taken = await approve('{\r\n  "title": "Spring letters"\r\n}');

  assert.match(page, /<textarea [^>]*name="arguments"[^>]*>\s?\{ &quot;title&quot;: &quot;Letters&quot; \}<\/textarea/);
  assert.equal(broken.status, 422);
  const shown = flat(await broken.text());
  assert.match(shown, /role="alert"><p>The arguments are not valid JSON: Expected/);
  assert.match(shown, /name="arguments"[^>]*>\s?\{&quot;title&quot;: &quot;Spring letters&quot;<\/textarea/);
  assert.equal(misfit.status, 422);
  assert.match(await misfit.text(), /do not fit publish: .*title/);
  assert.equal(placeOf(taken), 'done=approved');
  assert.match(await endOf(task), /published Spring letters/);
  assert.match(JSON.stringify(world.model.requests().at(-1)), CHANGED);
  const story = flat(await read(`/tasks/${task.taskId}`));
  assert.match(story, /calls publish<\/span> <span class="said">\{&quot;title&quot;:&quot;Letters&quot;\}<\/span>/);
  assert.match(story, /ada@example\.com<\/span> <span class="said">publish \(t1c1\) was approved by ada@example\.com/);
  assert.match(story, /who changed its arguments to: \{ &quot;title&quot;: &quot;Spring letters&quot; \}<\/span>/);
});

test('arguments that were sent back as they were count as unchanged', async () => {
  const task = await waiting('publish');

  await send(`/inbox/${task.taskId}/t1c1`, { decision: 'approve', arguments: '{ "title":   "Letters" }' });

  assert.match(await endOf(task), /published Letters/);
  assert.doesNotMatch(JSON.stringify(world.model.requests().at(-1)), CHANGED);
});

test('a decision that is to hold for a subject holds for its next call', async () => {
  const subject = `s-${freshKey()}`;
  const task = await waiting('publish', { subject });
  const path = `/inbox/${task.taskId}/t1c1`;

  const page = await read(path);
  const odd = await send(path, { decision: 'approve', remember: 'everybody' });
  await send(path, { decision: 'approve', remember: 'subject' });
  await endOf(task);
  const later = await waymark.start(scribe, { key: freshKey(), input: { act: 'publish', subject } });

  assert.ok(page.includes(`later ones like it about ${subject}`), page);
  assert.equal(odd.status, 422);
  assert.match(await endOf(later), /published Letters/);
});

test('questions and approvals are handed on from their page, with a note', async () => {
  const [asks, publishes] = [await waiting('ask'), await waiting('publish')];
  const fields = { decision: 'delegate', to: 'bo@example.com', note: 'you know the house style' };

  const nobody = await send(`/inbox/${asks.taskId}/q1`, { decision: 'delegate', to: ' ', note: 'kept' });
  const question = await send(`/inbox/${asks.taskId}/q1`, fields);
  const approval = await send(`/inbox/${publishes.taskId}/t1c1`, fields);
  const again = await send(`/inbox/${asks.taskId}/q1`, fields);

  assert.equal(nobody.status, 422);
  const shown = flat(await nobody.text());
  assert.match(shown, /Say to whom it is handed on.*<details class="aside" open>.*kept<\/textarea>/);
  assert.deepEqual([placeOf(question), placeOf(approval)], ['done=handed-on', 'done=handed-on']);
  assert.equal(again.status, 409);
  assert.match(await again.text(), /is for bo@example\.com already/);
  assertIncludes((await asks.progress()).questions, [{ for: 'bo@example.com' }]);
  assertIncludes((await publishes.progress()).approvals, [{ for: 'bo@example.com' }]);
  assert.match(await read(`/inbox/${asks.taskId}/q1`), /handed it to bo@example\.com: you know the house style/);
});

test('a link approves one call, perhaps with other arguments; it hands nothing on and decides no later call', async () => {
  const task = await waiting('publish');
  const { token } = await waymark.inbox.link(`${task.taskId}/t1c1`, { for: 'bo@example.com' });
  const path = `/answer/${token}`;

  const page = await read(path);
  const handed = await send(path, { decision: 'delegate', to: 'eve@example.com' });
  const remembered = await send(path, { decision: 'approve', remember: 'agent' });
  const still = (await task.progress()).approvals;
  const approved = await send(path, { decision: 'approve', arguments: '{"title":"By link"}' });

  assert.match(page, /name="arguments"/);
  assert.doesNotMatch(page, /name="remember"|value="delegate"/);
  assert.deepEqual([handed.status, remembered.status, still.length], [403, 403, 1]);
  assert.match(await approved.text(), /The call is approved/);
  assert.match(await endOf(task), /published By link/);
});
