import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import type { PromptParts } from '../../activities/context/assemble-prompt.ts';
import { assemblePrompt } from '../../activities/context/assemble-prompt.ts';
import { changesSince } from '../../activities/context/changes.ts';
import { usefulTools } from '../../activities/context/useful-tools.ts';
import { rankTools } from '../../activities/context/rank-tools.ts';
import type { Tokenizer } from '../../activities/context/tokenizer.ts';
import { openTokenizer } from '../../activities/context/tokenizer.ts';
import type { ToolSpec } from '../../contracts/language-model.ts';
import type { RecalledMemory } from '../../contracts/memory-query.ts';
import type { MemoryKind } from '../../contracts/memory.ts';
import type { ContextBudget } from '../../contracts/policy.ts';
import { profiles } from '../../contracts/policy.ts';
import type { SectionName } from '../../contracts/projection.ts';
import type { TranscriptEntry } from '../../contracts/transcript.ts';
import { bagOfWords } from '../memory/bag-of-words.ts';
import { recordFor } from '../support/stage-world.ts';

const AT = '2026-01-01T00:00:00.000Z';
const ADA = { kind: 'person', id: 'ada' } as const;
const POOR = profiles['token-poor'].context;

let tokenizer: Tokenizer;
before(async () => {
  tokenizer = await openTokenizer('gpt-4.1-mini');
});

function partsOf(more: Partial<PromptParts> = {}): PromptParts {
  return {
    instructions: 'You dig holes.',
    tools: { always: [specOf('finish', 'Ends the task.')], own: [], usefulness: new Map() },
    state: { record: recordFor('digger:1'), at: AT, questions: [], changes: [] },
    recalled: [],
    entries: [],
    ...more,
  };
}

function specOf(name: string, description: string): ToolSpec {
  return { name, description, parameters: { type: 'object', properties: { of: { type: 'string' } } } };
}

function recalledOf(kind: MemoryKind, text: string, data?: Record<string, string>): RecalledMemory {
  const scope = { scope: 'global', id: 'all' } as const;
  const about = {
    tenant: 'default',
    scope,
    visibility: 'shared',
    importance: 0.5,
    confidence: 1,
    trust: 'tool',
  } as const;
  const times = { validFrom: AT, createdAt: AT, provenance: {}, embeddingModel: 'test' };
  const memory = { id: text.slice(0, 8), kind, text, ...about, ...times, ...(data ? { data } : {}) };
  return { memory, score: 0.5, parts: { vector: 0, text: 0, recency: 0, importance: 0 } };
}

/** A turn that looked something up. */
function turnOf(turn: number, first: number, result: string): TranscriptEntry[] {
  const id = `t${turn}c1`;
  return [
    {
      kind: 'assistant',
      seq: first,
      at: AT,
      turn,
      text: `I look up ${turn}.`,
      calls: [{ id, name: 'look', arguments: '{}' }],
    },
    { kind: 'tool', seq: first + 1, at: AT, turn, callId: id, name: 'look', outcome: { status: 'ok', text: result } },
  ];
}

function made(more: Partial<PromptParts>, budget: Partial<ContextBudget> = {}) {
  const prompt = assemblePrompt(partsOf(more), {
    tokenizer,
    budget: { ...POOR, ...budget },
    window: profiles['token-poor'].window,
    shrink: 1,
  });
  const textOf = (name: SectionName): string => {
    const section = prompt.sections.find((one) => one.name === name);
    return prompt.messages
      .slice(section?.messages.from, section?.messages.to)
      .map(({ content }) => content)
      .join('\n');
  };
  return { ...prompt, textOf };
}

test('memories are divided: what binds, what was tried in vain with its condition, and the rest', () => {
  const recalled = [
    recalledOf('fact', 'Ada lives in Bern.'),
    recalledOf('failed-strategy', 'dig did not work: frozen.', { retryWhen: 'the ground has thawed' }),
    recalledOf('constraint', 'Never dig on Sundays.'),
    recalledOf('preference', 'Ada likes square holes.'),
  ];
  const { textOf, shown } = made({ recalled });
  assert.match(textOf('constraints'), /to keep to:[^]*Never dig on Sundays\.[^]*square holes/);
  assert.match(textOf('failures'), /frozen\. Do not try again unless the ground has thawed\./);
  assert.match(textOf('memories'), /Ada lives in Bern/);
  assert.doesNotMatch(textOf('memories'), /Sundays|square|frozen/);
  assert.deepEqual(
    shown.map(({ section }) => section),
    ['constraints', 'constraints', 'failures', 'memories'],
  );
});

test('what the state says of the plan is not said again as a memory', () => {
  const plan = [
    { id: 'dig', title: 'Dig', status: 'done' as const, note: 'two metres, order A-1' },
    { id: 'sweep', title: 'Sweep', status: 'open' as const },
  ];
  const state = { ...partsOf().state, record: recordFor('digger:1', { plan }) };
  const own = (one: RecalledMemory): RecalledMemory => ({
    ...one,
    memory: { ...one.memory, provenance: { taskId: 'digger:1' } },
  });
  const recalled = [
    own(recalledOf('progress', 'Dig: two metres, order A-1')),
    own(recalledOf('progress', 'Sweep: it was begun on Monday')),
    own(recalledOf('state', 'Dig a hole. 1 of 2 steps are done.')),
    recalledOf('progress', 'Another task dug, too.'),
  ];
  const text = made({ state, recalled }).textOf('memories');
  assert.match(text, /Sweep: it was begun on Monday[^]*Another task dug, too\./);
  assert.doesNotMatch(text, /two metres|1 of 2 steps/);
});

test('memories are left out by rank, whole, and it is said which', () => {
  const recalled = Array.from({ length: 20 }, (_, at) =>
    recalledOf('fact', `${at} is a number that Ada once said aloud.`),
  );
  const { textOf, sections } = made({ recalled }, { memories: 150 });
  const told = sections.find(({ name }) => name === 'memories');
  const lines = textOf('memories').match(/^- .*$/gm) ?? [];
  assert.ok(lines.length > 2 && lines.length < 20);
  lines.forEach((line, at) => assert.match(line, new RegExp(`${at} is a number that Ada once said aloud\\.$`)));
  assert.equal(told?.left.length, 20 - lines.length);
  assert.deepEqual(told?.left[0], { what: `fact ${recalled[lines.length]?.memory.id}`, why: 'budget' });
});

test('the state keeps the goal, the time and the plan item at hand before all else', () => {
  const note = 'it was dug, and swept, and measured, and painted '.repeat(6);
  const plan = Array.from({ length: 30 }, (_, at) => ({
    id: `p${at}`,
    title: `Dig hole number ${at}`,
    status: at < 20 ? ('done' as const) : at === 20 ? ('active' as const) : ('open' as const),
    ...(at < 20 ? { note } : {}),
  }));
  const question = { id: 'q1', callId: 't1c1', seq: 2, text: 'How deep?', for: 'ada', askedAt: AT };
  const state = { record: recordFor('d:1', { plan, turn: 9 }), at: AT, questions: [question], changes: ['It rained.'] };
  const roomy = made({ state }, { state: 800 });
  assert.ok(roomy.textOf('state').includes('p0 | Dig hole number 0'), 'notes become shorter before items are left out');
  assert.ok(!roomy.textOf('state').includes(note.trim()));
  const tight = made({ state }, { state: 200 });
  const text = tight.textOf('state');
  for (const kept of [
    'Goal: Dig a hole.',
    'Turn 9;',
    '[>] p20',
    'Waits for an answer, q1 for ada',
    'New: It rained.',
  ]) {
    assert.ok(text.includes(kept), kept);
  }
  assert.ok(!text.includes('p0 |'));
  const left = tight.sections.find(({ name }) => name === 'state')?.left ?? [];
  assert.ok(left.some(({ what }) => what === 'plan item p0 (done)'));
});

test('what stays the same comes first, byte for byte, while the window grows', () => {
  const summary = { text: 'They dug three holes.', upTo: 0 };
  const entries: TranscriptEntry[] = [{ kind: 'message', seq: 1, at: AT, from: ADA, text: 'Look everything up.' }];
  let before = made({ summary, entries });
  const shares: number[] = [];
  for (let turn = 1; turn <= 10; turn += 1) {
    entries.push(...turnOf(turn, entries.length + 1, `Record ${turn}: ${'nothing is open. '.repeat(20)}`));
    const state = {
      ...partsOf().state,
      record: recordFor('d:1', { turn: turn + 1 }),
      at: `2026-01-01T00:${10 + turn}:00Z`,
    };
    const recalled = [recalledOf('fact', `Fact ${turn} is news.`)];
    const next = made({ summary, entries: [...entries], state, recalled });
    assert.equal(JSON.stringify(next.tools), JSON.stringify(before.tools));
    const stable = before.sections.find(({ name }) => name === 'window')?.messages.to ?? 0;
    assert.equal(JSON.stringify(next.messages.slice(0, stable)), JSON.stringify(before.messages.slice(0, stable)));
    shares.push(sharedTokens(before, next) / next.tokens);
    before = next;
  }
  assert.ok((shares.at(-1) ?? 0) > 0.7, `${shares.at(-1)} of the prompt of the last turn stood in the one before`);
});

/** Tokens of the tools and of the first messages that two prompts have in common. */
function sharedTokens(one: ReturnType<typeof made>, other: ReturnType<typeof made>): number {
  const same = other.messages.findIndex((message, at) => JSON.stringify(message) !== JSON.stringify(one.messages[at]));
  const text = JSON.stringify(other.messages.slice(0, same === -1 ? other.messages.length : same));
  return tokenizer.count(text) + tokenizer.count(JSON.stringify(other.tools));
}

test('a full window asks for a summary of most of it, ahead, and slides by little, from then on without another', () => {
  const entries = Array.from({ length: 12 }, (_, at) =>
    turnOf(at + 1, 2 * at + 1, 'nothing is open. '.repeat(60)),
  ).flat();
  const full = made({ entries });
  const [first] = full.sections.find(({ name }) => name === 'window')?.left ?? [];
  assert.equal(first?.what, 'entry 1', 'nothing slides before there is a summary');
  assert.equal(full.windowFrom, undefined);
  const upTo = (full.summarizeBefore ?? 0) - 1;
  assert.ok(upTo >= 18, `${upTo}: all but what is newest is summarised at one go`);
  const summary = { text: 'They looked.', upTo };
  let window = made({ entries, summary });
  assert.deepEqual(window.sections.find(({ name }) => name === 'window')?.left, [], 'the summary tells what is hidden');
  const recent = (): number =>
    window.sections.reduce((sum, { name, tokens }) => sum + (name === 'window' || name === 'input' ? tokens : 0), 0);
  assert.ok(recent() > POOR.window * 0.75 && recent() <= POOR.window, `${recent()} tokens`);
  for (let turn = 13; turn <= 15; turn += 1) {
    entries.push(...turnOf(turn, 2 * turn - 1, 'nothing is open. '.repeat(60)));
    window = made({ entries: entries.filter(({ seq }) => seq >= (window.windowFrom ?? 1)), summary });
    assert.equal(window.summarizeBefore, undefined, `turn ${turn} needs no summary`);
    assert.ok(recent() > POOR.window * 0.75 && recent() <= POOR.window, `${recent()} tokens in turn ${turn}`);
  }
});

test('a window shows so many messages at most, however short they are', () => {
  const entries = Array.from({ length: 40 }, (_, at) => turnOf(at + 1, 2 * at + 1, 'open')).flat();
  const summary = { text: 'They looked.', upTo: 78 };
  const { messages } = made({ entries, summary }).sections.find(({ name }) => name === 'window') ?? {};
  const { messages: most, kept } = profiles['token-poor'].window;
  assert.equal((messages?.to ?? 0) - (messages?.from ?? 0), most * kept);
});

test('a total below the sections’ budgets is given by priority: the newest input before the window', () => {
  const entries = [...turnOf(1, 1, 'old '.repeat(900)), ...turnOf(2, 3, 'new '.repeat(900))];
  const { textOf, tokens } = made({ entries }, { total: 900 });
  assert.match(textOf('input'), /new new/);
  assert.ok(tokens <= 900);
  assert.match(textOf('state'), /Goal: /);
});

test('a long message is cut in its middle and says how the rest is read', () => {
  const text = `Begin. ${'word '.repeat(5_000)}End.`;
  const { textOf } = made({ entries: [{ kind: 'message', seq: 4, at: AT, from: ADA, text }] });
  assert.match(
    textOf('input'),
    /^\[person ada, .*\]\nBegin\. [^]*25011 characters in all, cut here; read_artifact {"id":"entry-4"} reads the rest[^]*End\.$/,
  );
});

const TOOLS = [
  specOf('create_invoice', 'Creates an invoice for a customer with its amounts.'),
  specOf('send_mail', 'Sends a mail to a customer.'),
  specOf('dig_hole', 'Digs a hole in a garden, as deep as asked.'),
  specOf('paint_wall', 'Paints a wall in a colour.'),
  specOf('check_weather', 'Tells what weather it will be.'),
];

test('of many tools those are offered that bear on the moment, in the order in which the agent defines them', async () => {
  const moment = 'Dig a deep hole in the garden.';
  const usefulness = await rankTools(bagOfWords(), TOOLS, { moment, entries: [] });
  const tools = { always: [specOf('finish', 'Ends the task.')], own: TOOLS, usefulness };
  const offered = made({ tools }, { instructions: 0, tools: 160 });
  const names = offered.tools.map(({ name }) => name);
  assert.equal(names[0], 'finish', 'the stable part comes first');
  assert.ok(names.includes('dig_hole'));
  assert.ok(names.length > 1 && names.length < TOOLS.length + 1);
  assert.match(offered.textOf('tools'), /create_invoice, send_mail, dig_hole, paint_wall, check_weather/);
  const told = offered.sections.find(({ name }) => name === 'tools');
  assert.ok((told?.tokens ?? 0) <= 160);
  assert.equal(told?.left.length, TOOLS.length + 1 - names.length);
  const all = made({ tools }, { tools: 2_000 });
  assert.equal(all.tools.length, TOOLS.length + 1);
  assert.equal(all.textOf('tools'), '', 'nothing needs to be said where all are there');
});

test('a tool that was called, or is named, is offered before what is only near in meaning; words do without vectors', async () => {
  const entries: TranscriptEntry[] = [
    {
      kind: 'assistant',
      seq: 1,
      at: AT,
      turn: 1,
      text: 'Next I paint_wall.',
      calls: [{ id: 't1c1', name: 'send_mail', arguments: '{}' }],
    },
  ];
  const away = { name: 'away', dimensions: 3, embed: async () => Promise.reject(new Error('away')) };
  const moment = 'Dig a deep hole in the garden.';
  for (const embedder of [bagOfWords(), away]) {
    const ranks = await rankTools(embedder, TOOLS, { moment, entries });
    const order = [...ranks].toSorted(([, one], [, other]) => other - one).map(([name]) => name);
    assert.deepEqual(order.slice(0, 3), ['send_mail', 'paint_wall', 'dig_hole']);
  }
});

test('instructions that are short leave their room to tools, the same in every turn', () => {
  const tools = { always: [specOf('finish', 'Ends the task.')], own: TOOLS, usefulness: new Map<string, number>() };
  assert.ok(made({ tools }, { instructions: 0, tools: 160 }).tools.length < TOOLS.length + 1);
  assert.equal(made({ tools }, { instructions: 900, tools: 160 }).tools.length, TOOLS.length + 1);
});

test('tools that were offered stay for the run, until one that is named needs their room', () => {
  const usefulness = new Map([
    ['create_invoice', 0.9],
    ['send_mail', 0.8],
    ['paint_wall', 0.1],
    ['check_weather', 0.2],
  ]);
  const named = (score: ReadonlyMap<string, number>, before: readonly string[]): string[] => {
    const parts = { always: [], own: TOOLS, usefulness: score, offered: new Set(before) };
    return made({ tools: parts }, { instructions: 0, tools: 130 }).tools.map(({ name }) => name);
  };
  const before = ['paint_wall', 'check_weather'];
  assert.ok(
    before.every((name) => named(usefulness, before).includes(name)),
    'likeness alone drives nobody out',
  );
  assert.deepEqual(named(usefulness, []).slice(0, 2), ['create_invoice', 'send_mail']);
  const asked = named(new Map([...usefulness, ['dig_hole', 2]]), before);
  assert.ok(asked.includes('dig_hole'), asked.join());
});

test('a tool that the instructions name comes before what is only near in meaning', async () => {
  const instructions = 'First check_weather, whatever is asked for.';
  const moment = 'Dig a deep hole in the garden.';
  const ranks = await rankTools(bagOfWords(), TOOLS, { moment, instructions, entries: [] });
  const [first] = [...ranks].toSorted(([, one], [, other]) => other - one);
  assert.equal(first?.[0], 'check_weather');
});

test('tools for waiting and for reading on are told by name until they are of use', () => {
  const specs = ['finish', 'wait_until', 'wait_for_event', 'read_artifact'].map((name) => specOf(name, 'Does it.'));
  const names = (texts: readonly string[], more: { called?: string; offered?: string } = {}): string[] => {
    const sets = { called: new Set([more.called ?? '']), offered: new Set([more.offered ?? '']) };
    return usefulTools(specs, { texts, ...sets }).always.map(({ name }) => name);
  };
  assert.deepEqual(names(['You dig holes.']), ['finish']);
  assert.deepEqual(names(['Ask again tomorrow.']), ['finish', 'wait_until', 'wait_for_event']);
  assert.deepEqual(names(['Next read_artifact.']), ['finish', 'read_artifact']);
  assert.deepEqual(names([''], { called: 'wait_until' }), ['finish', 'wait_until']);
  assert.deepEqual(names([''], { offered: 'wait_for_event' }), ['finish', 'wait_for_event']);
  const { always, later } = usefulTools(specs, { texts: [], called: new Set(), offered: new Set() });
  const shown = made({ tools: { always, later, own: [], usefulness: new Map() } });
  assert.match(shown.textOf('tools'), /wait_until, wait_for_event, read_artifact/);
});

test('after a pause the model is told how long it was, what came, what holds no longer, and what others have learned', () => {
  const entries: TranscriptEntry[] = [
    ...turnOf(1, 1, 'seen'),
    { kind: 'message', seq: 3, at: '2026-01-06T00:00:00.000Z', from: ADA, text: 'I am back.' },
  ];
  const theirs = recalledOf('fact', 'The ground has thawed.');
  const recalled = [
    recalledOf('fact', 'An old fact.'),
    {
      ...theirs,
      memory: { ...theirs.memory, createdAt: '2026-01-03T00:00:00.000Z', provenance: { taskId: 'other:1' } },
    },
  ];
  const outdated = ['The ground is frozen.'];
  const moment = { at: '2026-01-06T02:00:00.000Z', taskId: 'digger:1', entries, recalled, outdated };
  assert.deepEqual(changesSince(moment), [
    'The last turn was 5 days 2 hours ago; what was true then may not be any more.',
    'A message came meanwhile.',
    'Holds no longer: The ground is frozen.',
    'Remembered by others meanwhile: The ground has thawed.',
  ]);
  assert.deepEqual(changesSince({ ...moment, at: '2026-01-01T00:05:00.000Z' }), [], 'five minutes are nothing to tell');
  assert.deepEqual(changesSince({ ...moment, entries: [] }), []);
});

test('tokens are counted by the model’s own encoding; an unknown model’s by another, which says so', async () => {
  const named = async (model: string) => {
    const { name, exact } = await openTokenizer(model);
    return [name, exact];
  };
  assert.deepEqual(await named('gpt-4o-mini-2024-07-18'), ['o200k_base', true]);
  assert.deepEqual(await named('openai/gpt-5.1'), ['o200k_base', true]);
  assert.deepEqual(await named('o3-mini'), ['o200k_base', true]);
  assert.deepEqual(await named('gpt-4-turbo'), ['cl100k_base', true]);
  assert.deepEqual(await named('gpt-3.5-turbo-0125'), ['cl100k_base', true]);
  assert.deepEqual(await named('ft:gpt-4o-mini-2024-07-18:acme::x1'), ['o200k_base', true]);
  assert.deepEqual(await named('gpt-oss-20b'), ['o200k_harmony', true]);
  assert.deepEqual(await named('llama3.1:8b'), ['o200k_base', false]);
  const [old, recent] = await Promise.all([openTokenizer('gpt-4'), openTokenizer('gpt-4o')]);
  const text = 'Grüezi, 東京 und Straßenbahnhaltestelle';
  assert.notEqual(old.count(text), recent.count(text));
  assert.equal(recent.count('hello <|endoftext|> world') > 3, true, 'special words are text like any other');
});
