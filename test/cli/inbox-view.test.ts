import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { ConnectedWaymark, TaskHandle } from '../../client/index.ts';
import { columnsOf } from '../../cli/terminal/plain-text.ts';
import { typedOn, withCursor } from '../../cli/inbox/typed-line.ts';
import type { Script } from '../../models/index.ts';
import { untilStatus } from '../client/client-world.ts';
import { scribe, scribeScript } from '../client/scribe.ts';
import { openTerminal, withoutTerminal } from '../support/pseudo-terminal.ts';
import type { PseudoTerminal } from '../support/pseudo-terminal.ts';
import type { CliWorld } from './cli-world.ts';
import { openCliWorld } from './cli-world.ts';

const skip = withoutTerminal();
const ADDRESS = `https://example.com/${'without-a-blank/'.repeat(10)}`;
const LONG = `Long or short? ${'It has to be said at length what this is about. '.repeat(8)}${ADDRESS}`;
const CHINESE =
  '請問這封信應該用什麼顏色的紙張來寫？我們有紅色、藍色和綠色三種，每一種都有不同的價格和含義，請仔細考慮之後再告訴我們您的決定。';

let world: CliWorld;
let waymark: ConnectedWaymark;
let tenant: string;
before(async () => {
  world = await openCliWorld();
  await world.startWorker();
});
// Each test has an inbox of its own.
beforeEach(async (t) => {
  tenant = t.name.slice(0, 12).replaceAll(/\W/g, '-');
  waymark = await world.connect({ tenant, answerWithinMs: 60_000 });
});
after(() => world.stop());

async function waiting(
  key: string,
  script: Script = scribeScript,
  act: 'ask' | 'publish' = 'ask',
): Promise<TaskHandle> {
  world.model.setScript(script);
  const task = await waymark.start(scribe, { input: { act }, key });
  await untilStatus(task, 'waiting');
  world.model.setScript(scribeScript);
  return task;
}

const asks =
  (question: string): Script =>
  () => ({ text: 'I ask.', calls: [{ name: 'ask_user', arguments: { question } }] });

/** The view in a terminal, and a shell around it that says how it left the terminal. */
function view(size: { readonly columns: number; readonly rows: number }, env: NodeJS.ProcessEnv = {}): PseudoTerminal {
  const { NO_COLOR: _none, CI: _unattended, ...plain } = process.env;
  const waymarkCommand = `'${process.execPath}' --conditions=waymark-source --import tsx cli/main.ts inbox --watch --as ada@example.com --tenant ${tenant}`;
  const shell = `echo before; ${waymarkCommand}; echo "ended with $?"; stty -a | tr ' ;' '\\n\\n' | grep -x -e -*echo -e -*icanon`;
  return openTerminal(['sh', '-c', shell], { ...size, env: { ...plain, ...world.env, ...env } });
}

/** Lines no longer than the terminal, with nothing pushed off it: the title is on top. */
function assertWhole(screen: string, columns: number): void {
  assert.match(screen, /^Inbox {2}/);
  for (const line of screen.split('\n')) assert.ok(columnsOf(line) <= columns, line);
}

test(
  'in the view one reads what a task asks, answers by keys, and the task goes on',
  { skip, timeout: 200_000 },
  async (t) => {
    const [asked, published] = [await waiting('asked'), await waiting('published', scribeScript, 'publish')];
    const terminal = view({ columns: 100, rows: 24 });
    t.after(() => terminal.close());

    const first = await terminal.until(/2 requests[^]*What happened last/);
    assertWhole(first, 100);
    assert.match(first, /^›\? Which colour\? +Which colour\?$/m);
    assert.match(first, /choices: red, blue/);
    assert.ok(terminal.onOtherScreen() && (await terminal.isColoured()));

    terminal.press('a');
    await terminal.until(/Your answer: red, blue ▏/);
    terminal.press('rex');
    terminal.press('\u007F');
    terminal.press('d');
    await terminal.until(/red, blue red▏/);
    terminal.press('\r');
    await terminal.until(/1 request\b[^]*Answered\./);
    assert.match(JSON.stringify((await asked.result()).result), /red/);

    await terminal.until(/May publish be called\?[^]*y approve/);
    // A text that is pasted by mistake approves nothing.
    terminal.press('yes yes');
    await delay(2_000);
    assert.equal((await published.progress()).status.kind, 'waiting');
    terminal.press('y');
    await terminal.until(/Nobody is waited for\.[^]*Approved\./);
    assert.match(JSON.stringify((await published.result()).result), /published Letters/);

    terminal.press('q');
    await terminal.until(/ended with 0/);
  },
);

test('what only somebody else may answer is shown, and cannot be answered', { skip, timeout: 200_000 }, async (t) => {
  const task = await waiting('finance', scribeScript, 'publish');
  await task.approvals({ tools: { publish: { rules: [], otherwise: 'ask', terms: { for: 'finance' } } } });
  const terminal = view({ columns: 90, rows: 24 });
  t.after(() => terminal.close());

  await terminal.until(/only finance may answer {2}· {2}↑↓ choose/);
  terminal.press('y');
  await delay(2_000);
  terminal.press('q');
  await terminal.until(/ended with 0/);
  assert.equal((await task.progress()).status.kind, 'waiting');
  await task.cancel({ reason: 'enough' });
});

test(
  'long texts, other alphabets and many requests fit whatever the terminal, also while it is resized',
  { skip, timeout: 200_000 },
  async (t) => {
    const tasks = [await waiting('long', asks(LONG)), await waiting('chinese', asks(CHINESE))];
    for (let more = 0; more < 10; more += 1) tasks.push(await waiting(`more-${more}`));
    const terminal = view({ columns: 100, rows: 20 });
    t.after(() => terminal.close());

    const long = await terminal.until(/12 requests[^]*https:\/\/example/);
    assertWhole(long, 100);
    terminal.press('\u001B[6~');
    assertWhole(await terminal.until(/:scribe:long: Write a text/), 100);
    terminal.press('j');
    assertWhole(await terminal.until(/定[^]*^›\? 請問/m), 100);

    await terminal.resize(40, 14);
    const narrow = await terminal.until(/Inbox {2}request 2 of 12/);
    assertWhole(narrow, 40);
    assert.match(narrow, /a answer {2}· {2}d hand on/);
    terminal.press('jjj');
    assertWhole(await terminal.until(/request 5 of 12/), 40);
    await terminal.resize(120, 30);
    assertWhole(await terminal.until(/^›\? Which colour\?/m), 120);

    terminal.press('a');
    await terminal.until(/Your answer: red, blue ▏/);
    terminal.press('x'.repeat(300));
    assertWhole(await terminal.until(/x▏/), 120);
    terminal.press('\u0003');
    const left = await terminal.until(/ended with 0[^]*icanon/);
    assert.match(left, /^before\nended with 0\n/, 'what was there before');
    assert.deepEqual(left.match(/^-?(echo|icanon)$/gm)?.toSorted(), ['echo', 'icanon'], 'the terminal is as it was');
    assert.equal(terminal.onOtherScreen(), false);
    await Promise.all(tasks.map((task) => task.cancel({ reason: 'enough' })));
  },
);

test(
  'where colours are not wanted there are none, and what is chosen is still marked',
  { skip, timeout: 200_000 },
  async (t) => {
    await waiting('plain');
    const terminal = view({ columns: 100, rows: 24 }, { NO_COLOR: '1' });
    t.after(() => terminal.close());

    await terminal.until(/^›\? Which colour\?[^]*What happened last/m);
    assert.equal(await terminal.isColoured(), false);
    terminal.press('q');
    await terminal.until(/ended with 0/);
  },
);

test('a line is typed as in any other: moved in, taken back, and pasted into', () => {
  const none = {
    leftArrow: false,
    rightArrow: false,
    home: false,
    end: false,
    backspace: false,
    delete: false,
    ctrl: false,
    meta: false,
  };
  const left = { ...none, leftArrow: true };
  const back = { ...none, backspace: true };
  let line = typedOn({ text: '', cursor: 0 }, 'Grüße 👩‍👩‍👧', none);
  line = typedOn(typedOn(line, '', left), ', ', none);
  assert.equal(withCursor(line), 'Grüße , ▏👩‍👩‍👧');
  line = typedOn(typedOn(line, '', { ...none, end: true }), '', back);
  assert.equal(withCursor(line), 'Grüße , ▏', 'a family is one character');
  line = typedOn(typedOn(line, 'a', { ...none, ctrl: true }), 'two\nlines\u001B[2J', none);
  assert.equal(line.text, 'two lines[2JGrüße , ', 'nothing that would move the cursor');
  assert.equal(withCursor(typedOn({ text: '', cursor: 0 }, 'rex\u007Fd', none)), 'red▏', 'keys that came at once');
  assert.equal(typedOn(line, 'u', { ...none, ctrl: true }).text, 'Grüße , ');
});
