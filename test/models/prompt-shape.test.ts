import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import type { PromptMessage } from '../../contracts/language-model.ts';
import { shapePrompt } from '../../models/prompt-shape.ts';

const system = (content: string): PromptMessage => ({ role: 'system', content });
const user = (content: string): PromptMessage => ({ role: 'user', content });
const says = (content: string, ...ids: string[]): PromptMessage => ({
  role: 'assistant',
  content,
  calls: ids.map((id) => ({ id, name: 'look', arguments: '{}' })),
});
const result = (callId: string, content: string): PromptMessage => ({ role: 'tool', callId, content });
const told = (messages: readonly PromptMessage[]): string[][] =>
  shapePrompt(messages).map(({ role, content }) => [role, content]);

test('what Waymark says after results stands at the end of the last of them', () => {
  const prompt = [system('You dig.'), system('More tools: a, b.'), user('Dig.'), says('I look.', 'a', 'b')];
  const results = [result('a', 'mud'), result('b', 'sand'), system('Goal: a hole.'), system('Note: hurry.')];

  assert.deepEqual(told([...prompt, ...results]), [
    ['system', 'You dig.\n\nMore tools: a, b.'],
    ['user', 'Dig.'],
    ['assistant', 'I look.'],
    ['tool', 'mud'],
    ['tool', 'sand\n\n[Waymark]\nGoal: a hole.\n\nNote: hurry.'],
  ]);
});

test('a person who speaks right after results is answered for, and what people and Waymark say is one message', () => {
  const prompt = [user('Dig.'), says('', 'a'), result('a', ''), user('Stop!'), system('Goal: a hole.')];

  assert.deepEqual(told(prompt), [
    ['user', 'Dig.'],
    ['assistant', ''],
    ['tool', '(no output)'],
    ['assistant', 'I have the results.'],
    ['user', 'Stop!\n\n[Waymark]\nGoal: a hole.'],
  ]);
});

test('a conversation begins and ends with the other side, and holds nothing empty', () => {
  assert.deepEqual(told([system('You dig.'), says('I am here.'), says(' \n'), system('  ')]), [
    ['system', 'You dig.'],
    ['user', '[Waymark]\nWhat came before is not shown.'],
    ['assistant', 'I am here.'],
    ['user', '[Waymark]\nGo on.'],
  ]);
  assert.deepEqual(told([system('You dig.')]), [
    ['system', 'You dig.'],
    ['user', '[Waymark]\nGo on.'],
  ]);
});

test('a call and its result go nowhere without one another', () => {
  const prompt = [user('Dig.'), says('I look.', 'a', 'b'), user('And?'), result('b', 'mud'), result('c', 'lost')];

  assert.deepEqual(
    shapePrompt(prompt).map(({ role, ...rest }) => [role, 'calls' in rest ? rest.calls.map(({ id }) => id) : '']),
    [
      ['user', ''],
      ['assistant', ['b']],
      ['tool', ''],
      ['assistant', ''],
      ['user', ''],
    ],
  );
});

const anyPrompt = fc
  .array(
    fc.record({
      role: fc.constantFrom('system', 'user', 'assistant', 'tool'),
      content: fc.constantFrom('', ' ', 'a', 'b'),
      ids: fc.uniqueArray(fc.constantFrom('x', 'y', 'z'), { maxLength: 3 }),
    }),
    { maxLength: 14 },
  )
  .map((messages) =>
    messages.map(({ role, content, ids }): PromptMessage => {
      if (role === 'assistant') return says(content, ...ids);
      return role === 'tool' ? result(ids[0] ?? 'x', content) : role === 'user' ? user(content) : system(content);
    }),
  );

test('whatever a prompt is made of, its shape is one that every template takes', () => {
  fc.assert(
    fc.property(anyPrompt, (prompt) => {
      const shaped = shapePrompt(prompt);
      const turns = shaped[0]?.role === 'system' ? shaped.slice(1) : shaped;
      assert.equal(turns[0]?.role, 'user');
      assert.ok(['user', 'tool'].includes(turns.at(-1)?.role ?? ''));
      for (const [at, message] of turns.entries()) {
        const before = turns[at - 1];
        const calls = message.role === 'assistant' ? (message.calls ?? []) : [];
        assert.notEqual(message.role, 'system');
        assert.ok(message.content.trim() !== '' || calls.length > 0);
        if (message.role === 'user') assert.ok(before === undefined || before.role === 'assistant');
        if (message.role === 'assistant') assert.ok(before?.role === 'user' || before?.role === 'tool');
        const results = turns.slice(at + 1, at + 1 + calls.length);
        assert.deepEqual(
          results.map((one) => (one.role === 'tool' ? one.callId : one.role)),
          calls.map(({ id }) => id),
        );
        if (before?.role === 'assistant') assert.ok(before.calls?.length || message.role === 'user');
      }
    }),
  );
});

test('what stands before the last message is the same when more comes, so that a cache holds', () => {
  const steady = [system('You dig.'), user('Dig.'), says('', 'a'), result('a', 'mud')];
  const now = shapePrompt([...steady, system('Turn 1')]);
  const next = shapePrompt([...steady, says('', 'b'), result('b', 'sand'), system('Turn 2')]);

  assert.deepEqual(next.slice(0, now.length - 1), now.slice(0, -1));
  assert.ok(now.at(-1)?.content.startsWith(next[now.length - 1]?.content ?? 'nothing'));
});
