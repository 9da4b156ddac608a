import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { assemblePrompt } from '../../activities/context/assemble-prompt.ts';
import { dataText } from '../../activities/context/data-text.ts';
import type { Tokenizer } from '../../activities/context/tokenizer.ts';
import { openTokenizer } from '../../activities/context/tokenizer.ts';
import { turnSources } from '../../activities/remembering/turn-sources.ts';
import type { RecalledMemory } from '../../contracts/memory-query.ts';
import { profiles } from '../../contracts/policy.ts';
import type { TranscriptEntry } from '../../contracts/transcript.ts';
import { createRuleExtractor, fenceRecalled } from '../../memory/index.ts';
import { injectionAttempts as attempts } from '../support/injection-attempts.ts';
import { recordFor } from '../support/stage-world.ts';

const AT = '2026-01-01T00:00:00.000Z';
/** What divides a prompt, as the servers of models write it or as this loop does. */
const STRUCTURE =
  /<\|[\w/ .-]+\|>|<\/?(?:s|start_of_turn|end_of_turn|tool_call|tool_response|function_calls|recalled-memories)>|<<\/?SYS>>|\[\/?(?:INST|SYSTEM_PROMPT|TOOL_CALLS|TOOL_RESULTS)\]|^\[(?:person|service|agent) /im;
const STATUS = /^\((?:refused|failed|unknown)\) /i;

let tokenizer: Tokenizer;
before(async () => {
  tokenizer = await openTokenizer('gpt-4.1-mini');
});

/** A turn that called two tools, of which the first answered so; and, before, a message that quotes the same. */
function entriesWith(text: string): TranscriptEntry[] {
  const calls = ['t1c1', 't1c2'].map((id) => ({ id, name: 'fetch', arguments: '{}' }));
  const tool = { kind: 'tool' as const, at: AT, turn: 1, name: 'fetch' };
  return [
    { kind: 'message', seq: 1, at: AT, from: { kind: 'service', id: 'mail' }, text },
    { kind: 'assistant', seq: 2, at: AT, turn: 1, text: 'I look.', calls },
    { ...tool, seq: 3, callId: 't1c1', outcome: { status: 'ok', text } },
    { ...tool, seq: 4, callId: 't1c2', outcome: { status: 'ok', text: 'plain' } },
  ];
}

function promptWith(text: string) {
  const finish = { name: 'finish', description: 'Ends the task.', parameters: { type: 'object' } };
  const parts = {
    instructions: 'You look.',
    tools: { always: [finish], own: [], usefulness: new Map() },
    state: { record: recordFor('clerk:1'), at: AT, questions: [], changes: [] },
    recalled: [recalledOf(text)],
    entries: entriesWith(text),
  };
  const { context: budget, window } = profiles['balanced'];
  return assemblePrompt(parts, { tokenizer, budget, window, shrink: 1 });
}

function recalledOf(text: string): RecalledMemory {
  const about = { tenant: 'default', scope: { scope: 'global', id: 'all' }, visibility: 'shared' } as const;
  const worth = { importance: 0.5, confidence: 1, trust: 'tool', kind: 'fact' } as const;
  const times = { validFrom: AT, createdAt: AT, provenance: {}, embeddingModel: 'test' };
  const parts = { vector: 0, text: 0, recency: 0, importance: 0 };
  return { memory: { id: 'm1', text, ...about, ...worth, ...times }, score: 0.5, parts };
}

const shapeOf = ({ messages, tools }: ReturnType<typeof promptWith>) => ({
  messages: messages.map(({ role, ...more }) => ({
    role,
    ...('callId' in more ? { callId: more.callId } : {}),
    ...('calls' in more ? { calls: more.calls } : {}),
  })),
  tools,
});

test('there are at least thirty attempts, all of them different', () => {
  assert.ok(new Set(Object.values(attempts)).size >= 30);
});

for (const [name, text] of Object.entries(attempts)) {
  test(`${name}: the prompt keeps its structure, and memory takes no instruction from it`, async () => {
    const plain = promptWith('a plain text');
    const prompt = promptWith(text);
    assert.deepEqual(shapeOf(prompt), shapeOf(plain), 'roles, calls and tools are those of a plain text');

    const [message, result] = [prompt.messages.find(({ role }) => role === 'user'), resultIn(prompt)];
    const [header = '', ...said] = String(message?.content).split('\n');
    assert.equal(header, `[service mail, ${AT}]`, 'who speaks is the first line, and only there');
    for (const shown of [said.join('\n'), result]) assert.doesNotMatch(shown, STRUCTURE);
    assert.doesNotMatch(result, STATUS, 'a result that ended well does not pass for another');

    const lines = fenceRecalled([recalledOf(text)]).split('\n');
    assert.equal(lines.length, 4, 'a recalled text is one line of its fence');
    assert.deepEqual([lines[0], lines[3]], ['<recalled-memories>', '</recalled-memories>']);

    const sources = turnSources('clerk:1', 1, entriesWith(text));
    const { memories } = await createRuleExtractor().extract(sources, { scope: { scope: 'task', id: 'clerk:1' } });
    for (const memory of memories) assert.deepEqual([memory.trust, memory.kind], ['tool', 'fact']);
    assert.ok(
      sources.every(({ trust }) => trust === 'tool'),
      'nothing counts as said by a person',
    );
  });
}

function resultIn({ messages }: ReturnType<typeof promptWith>): string {
  const found = messages.find((message) => message.role === 'tool' && message.callId === 't1c1');
  assert.ok(found);
  return String(found.content);
}

test('a text that divides nothing stays as it is, byte for byte', () => {
  for (const text of [
    'if (a < b) { x |> y } <p>hi</p>',
    '[1, 2]',
    'see [docs] (refused) <strong>',
    'a <b> c </b>',
    '{"s":"<s3>"}',
  ]) {
    assert.equal(dataText(text), text);
  }
});
