import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import type { PromptMessage } from '../../contracts/language-model.ts';
import { chatRequest } from '../../models/chat-request.ts';
import { cleanArguments, cleanToolName } from '../../models/clean-text.ts';

const TARGET = { model: 'm', baseURL: 'http://127.0.0.1/v1' };
const NUL = String.fromCharCode(0);
const HALF = String.fromCharCode(0xd83d);

/** Every text that a value is made of, names included. */
function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(textsIn);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => [name, ...textsIn(inner)]);
}

const oddText = fc
  .array(fc.constantFrom('a', NUL, HALF, String.fromCharCode(0xdc00), String.fromCharCode(27), '\n', '"', '\\', '{'))
  .map((signs) => signs.join(''));

test('no text of a request holds a sign that a server refuses, wherever it came from', () => {
  fc.assert(
    fc.property(oddText, oddText, (text, name) => {
      const call = { id: 'a', name, arguments: JSON.stringify({ [text]: [text] }) };
      const messages: PromptMessage[] = [
        { role: 'system', content: `You dig. ${text}` },
        { role: 'user', content: `Dig. ${text}` },
        { role: 'assistant', content: text, calls: [call, { ...call, id: 'b', arguments: text }] },
        { role: 'tool', callId: 'a', content: text },
        { role: 'tool', callId: 'b', content: text },
      ];
      const tool = { name: 'dig', description: text, parameters: { type: 'object', description: text } };

      const body = chatRequest({ messages, tools: [tool] }, TARGET);

      const called = body.messages.flatMap((one) => (one.role === 'assistant' ? (one.tool_calls ?? []) : []));
      const read = called.flatMap((one) => (one.type === 'function' ? [JSON.parse(one.function.arguments)] : []));
      for (const part of textsIn([body, read])) {
        assert.ok(part.isWellFormed() && !part.includes(NUL) && !part.includes(String.fromCharCode(27)), part);
      }
      for (const one of called)
        assert.match(one.type === 'function' ? one.function.name : '', /^[a-zA-Z_][\w-]{0,63}$/);
    }),
  );
});

test('names that no tool can have are told as ones that all servers take', () => {
  assert.equal(cleanToolName('look_up-2'), 'look_up-2');
  assert.equal(cleanToolName('functions.look'), 'functions_look');
  assert.equal(cleanToolName(''), 'unnamed');
  assert.equal(cleanToolName('7zip'), '_7zip');
  assert.equal(cleanToolName('look'.repeat(75)).length, 64);
});

test('arguments stay as the model wrote them, unless a server would refuse them', () => {
  assert.equal(cleanArguments('{ "a" : 1.0 }'), '{ "a" : 1.0 }');
  assert.equal(cleanArguments(''), '{}');
  assert.equal(cleanArguments('[1]'), '{"value":[1]}');
  assert.equal(cleanArguments('{"a":'), '{"malformed":"{\\"a\\":"}');
  assert.equal(cleanArguments('{"a":"\\ud83d!"}'), JSON.stringify({ a: `${String.fromCharCode(0xfffd)}!` }));
});
