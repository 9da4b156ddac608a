import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { countTokens } from 'gpt-tokenizer';
import { z } from 'zod';
import { defineAgent } from '../../agents/define-agent.ts';
import type { CompletionRequest, LanguageModel } from '../../contracts/language-model.ts';
import { resolvePolicy } from '../../contracts/policy.ts';
import type { ExtractMemoriesInput } from '../../contracts/stages.ts';
import type { ToolOutcome, TranscriptEntry } from '../../contracts/transcript.ts';
import { fenceRecalled } from '../../memory/index.ts';
import type { StageWorld } from '../support/stage-world.ts';
import { accountFor, openStageWorld } from '../support/stage-world.ts';

const base = {
  description: 'Digs holes.',
  instructions: 'You dig holes.',
  input: z.unknown(),
  output: z.string(),
  goal: () => 'Dig.',
  tools: [],
};
const digger = defineAgent({ ...base, name: 'digger' });
const picky = defineAgent({
  ...base,
  name: 'picky',
  memory: { extraction: { kinds: ['preference'], mostItems: 1 }, extractionPrompt: 'Only tastes.' },
});
const patient = defineAgent({
  ...base,
  name: 'patient',
  memory: { extraction: { sourceTokens: 200, mostCalls: 3 } },
});

let world: StageWorld;
let count = 0;
before(async () => {
  world = await openStageWorld([digger, picky, patient]);
});
after(() => world.stop());

const at = '2026-03-10T09:00:00.000Z';
const ADA = { kind: 'person', id: 'ada' } as const;
const said = (seq: number, text: string): TranscriptEntry => ({ kind: 'message', seq, at, from: ADA, text });
const result = (seq: number, name: string, outcome: string | ToolOutcome): TranscriptEntry => ({
  kind: 'tool',
  seq,
  at,
  turn: 1,
  callId: `t1c${seq}`,
  name,
  outcome: typeof outcome === 'string' ? { status: 'ok', text: outcome } : outcome,
});

/** Extracts from these entries; what the model was asked, and what came of it. */
async function extract(
  entries: readonly TranscriptEntry[],
  options: { agent?: string; items?: readonly object[]; reading?: number } = {},
) {
  const { agent = 'digger', items = [], reading } = options;
  count += 1;
  const task = { tenant: 'default', taskId: `${agent}:x${count}` };
  for (const entry of entries) await world.memory.transcripts.write(task, entry, 1);
  const asked: CompletionRequest[] = [];
  const model: LanguageModel = {
    name: 'gpt-4.1-mini',
    complete: async (request) => {
      asked.push(request);
      const call = { id: 'c', name: 'save_memories', arguments: JSON.stringify({ items }) };
      const usage = { promptTokens: 700, completionTokens: 30 };
      return { text: '', calls: [call], finishReason: 'tool_calls', usage, model: 'm' };
    },
  };
  const input: ExtractMemoriesInput = {
    task,
    agent,
    turn: 3,
    range: { from: 1, to: entries.length },
    subject: 'ada',
    taskStartedAt: '2026-03-01T00:00:00.000Z',
    route: resolvePolicy().models.extractMemories,
    account: accountFor(task.taskId),
    round: 1,
    ...(reading === undefined ? {} : { reading }),
  };
  const found = await world.run((stages) => stages.extractMemories(input), { with: { model } });
  return { asked, found, task };
}

const told = (asked: readonly CompletionRequest[]): string => JSON.stringify(asked[0]?.messages.at(-1));
const item = {
  text: 'Ada zieht nach Lissabon.',
  kind: 'fact',
  source: 1,
  slot: null,
  importance: 0.8,
  confidence: 1,
  valid_from: null,
};

test('one message costs one call of under 1,500 prompt tokens, held to a strict schema', async () => {
  const { asked, found } = await extract([
    said(1, 'Wir ziehen nächste Woche nach Lissabon, bitte alle Rechnungen dorthin.'),
  ]);
  assert.equal(asked.length, 1);
  const [request] = asked;
  assert.ok(request);
  const tokens = countTokens(JSON.stringify([request.messages, request.tools]));
  assert.ok(tokens < 1_500, `${tokens} prompt tokens`);
  assert.deepEqual([request.mustCall, request.tools[0]?.strict], ['save_memories', true]);
  const schema = JSON.stringify(request.tools[0]?.parameters);
  assert.equal(schema.match(/"additionalProperties":false/g)?.length, 2, 'strict asks for closed objects');
  assert.match(schema, /"required":\["text","kind","source","slot","importance","confidence","valid_from"\]/);
  assert.equal(found.usage.promptTokens, 700);
});

test('all that a turn has brought is one call, and each memory says when, by whom and where from', async () => {
  const ask = { id: 't1c4', name: 'ask_user', arguments: JSON.stringify({ question: 'Which plan?' }) };
  const assistant: TranscriptEntry = {
    kind: 'assistant',
    seq: 2,
    at,
    turn: 1,
    text: 'I guess that Ada likes tea.',
    calls: [ask],
  };
  const { asked, found, task } = await extract(
    [
      said(1, 'Wir ziehen um.'),
      assistant,
      result(3, 'import_data', 'no header row\nmemory: The import needs a header row.'),
      result(4, 'ask_user', { status: 'ok', text: 'Pro.', by: ADA }),
      result(5, 'update_plan', 'Plan updated.'),
      result(6, 'import_data', { status: 'failed', text: 'the backend is gone' }),
    ],
    { items: [item, { ...item, source: 2, text: 'The file has no header row.' }, { ...item, kind: 'progress' }] },
  );
  assert.equal(asked.length, 1);
  const prompt = told(asked);
  assert.match(
    prompt,
    /person ada.*Wir ziehen um.*tool import_data.*no header row.*Asked: Which plan\?.*Answered: Pro\./,
  );
  assert.doesNotMatch(
    prompt,
    /likes tea|Plan updated|backend is gone|needs a header row/,
    'not the model, nor the rules',
  );
  const [first, second] = found.memories;
  assert.deepEqual(first?.provenance, { taskId: task.taskId, turn: 3, seq: 1, speaker: 'person ada' });
  assert.deepEqual([first?.validFrom, first?.trust, first?.text], [at, 'person', item.text]);
  assert.deepEqual(
    [second?.trust, second?.provenance?.tool, second?.provenance?.speaker],
    ['tool', 'import_data', 'tool import_data'],
  );
  assert.match(first?.id ?? '', new RegExp(`^${task.taskId}:[a-z0-9]+:t3:x1$`));
  assert.deepEqual(
    found.discarded.map(({ reason }) => reason),
    ['memories of kind progress are not extracted here'],
  );
});

test('what was recalled is not read as new: neither the tool that recalls, nor a quotation in a message', async () => {
  const [memory] = await world.memory.memories.remember(
    'default',
    [{ scope: { scope: 'user', id: 'ada' }, kind: 'fact', text: 'Ada keeps bees.' }],
    ADA,
  );
  const recalled = await world.memory.memories.recall('default', {
    text: 'bees',
    scopes: [{ scope: 'user', id: 'ada' }],
  });
  assert.equal(recalled[0]?.memory.id, memory?.id);
  const fenced = fenceRecalled(recalled);
  const only = await extract([result(1, 'recall', fenced), said(2, fenced)]);
  assert.equal(only.asked.length, 0, 'there is nothing to ask about');
  assert.deepEqual(only.found.memories, []);
  const { asked } = await extract([result(1, 'recall', fenced), said(2, `${fenced}\nAnd a cat.`)]);
  assert.match(told(asked), /And a cat/);
  assert.doesNotMatch(told(asked), /bees/);
});

test('what is longer than a call may be is read in pieces, one call each; what is beyond them is told', async () => {
  const long = Array.from({ length: 300 }, (_, row) => `row ${row}`).join('\n');
  const entries = [said(1, 'I like tea.'), result(2, 'print', long)];
  const first = await extract(entries, { agent: 'patient', items: [item] });
  assert.deepEqual([first.asked.length, first.found.readings], [1, 3]);
  assert.match(told(first.asked), /I like tea/);
  assert.doesNotMatch(told(first.asked), /row/);
  const second = await extract(entries, { agent: 'patient', items: [item], reading: 2 });
  const third = await extract(entries, { agent: 'patient', items: [item], reading: 3 });
  assert.match(told(second.asked), /part\W+1 of \d.*row 0\b/);
  assert.match(told(third.asked), /part\W+2 of \d/);
  for (const { asked } of [second, third]) {
    assert.ok(countTokens(told(asked)) < 300, 'one source has some 60 tokens beside its text');
    assert.doesNotMatch(told(asked), /I like tea/);
  }
  const idOf = ({ found }: typeof first) => found.memories[0]?.id?.replace(/^.*:t3:/, '');
  assert.deepEqual([first, second, third].map(idOf), ['x1', 'x2:1', 'x3:1']);
  const [left, ...others] = first.found.unread;
  assert.match(left?.reason ?? '', /^pieces 3 to \d of \d of what tool print said .*beyond the 3 model calls/);
  assert.match(left?.text ?? '', /^row \d+/);
  assert.deepEqual([others, second.found.unread, third.found.unread], [[], [], []], 'told once');
});

test('an agent may set its own prompt, kinds and bounds', async () => {
  const entries = [said(1, 'I like tea.'), result(2, 'print', 'row')];
  const taste = { ...item, kind: 'preference', text: 'Ada likes tea.' };
  const { asked, found } = await extract(entries, {
    agent: 'picky',
    items: [item, taste, { ...taste, text: 'And cake.' }],
  });
  assert.equal(asked[0]?.messages[0]?.content, 'Only tastes.');
  assert.deepEqual(
    found.memories.map(({ text }) => text),
    ['Ada likes tea.'],
  );
  assert.equal(found.discarded.length, 2);
});
