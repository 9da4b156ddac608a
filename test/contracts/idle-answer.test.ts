import assert from 'node:assert/strict';
import { test } from 'node:test';
import { idleAnswer } from '../../activities/model/idle-answer.ts';
import { idleWords, nudgeFor } from '../../contracts/idle-answer.ts';
import { writtenCalls } from '../../contracts/written-call.ts';

const offered = [
  {
    name: 'find_order',
    description: 'Finds an order.',
    parameters: {
      type: 'object',
      properties: { order: { type: 'string' }, years: { type: 'integer' }, note: { type: 'string' } },
      required: ['order', 'years'],
    },
  },
  {
    name: 'ask_user',
    description: 'Asks.',
    parameters: { type: 'object', properties: { question: { type: 'string' } }, required: ['question'] },
  },
];

function told(text: string, takes = true): string {
  return nudgeFor(idleAnswer(text, { offered, harmless: 'find_order', takes }), { first: true });
}

test('a nudge says what was wrong, and shows the form, which is taken as a call where it comes back', () => {
  const prose = told('I shall look for it.');
  assert.match(prose, /called no tool/);
  const shown = prose.slice(prose.indexOf('{'));
  assert.deepEqual(writtenCalls(shown), [{ name: 'find_order', arguments: '{"order":"<order>","years":1}' }]);

  const question = told('Let me see. Which order is it?');
  assert.match(question, /ask_user/);
  const asked = writtenCalls(question.slice(question.indexOf('{')));
  assert.deepEqual(asked, [{ name: 'ask_user', arguments: '{"question":"Which order is it?"}' }]);

  const beside = told('Sure: {"name": "find_order", "arguments": {"order": "1007"}}');
  assert.match(beside, /a call of find_order into your text, with other words beside it/);
});

test('a model whose calls are not taken from its text is told to call, and not how to write', () => {
  const nudge = told('{"name": "find_order", "arguments": {"order": "1007", "years": 2}}', false);
  assert.match(nudge, /instead of calling it, so nothing was called\. Call tools as your server has it/);
  assert.match(nudge, /find_order with the arguments \{"order":"1007","years":2\}/);
});

test('the form is shown once', () => {
  const idle = idleAnswer('Hm.', { offered, harmless: 'find_order', takes: true });
  assert.match(nudgeFor(idle, { first: true }), /Answer with one call and nothing else/);
  assert.doesNotMatch(nudgeFor(idle, { first: false }), /Answer with one call/);
});

test('people are told what the model said, shortened, and which setting would take its calls', () => {
  assert.equal(idleWords(idleAnswer('', { offered, takes: true })), 'Its last answer was empty.');
  assert.match(
    idleWords(idleAnswer('Which  one?\n', { offered, takes: true })),
    /^Last it said, a question: "Which one\?"\.$/,
  );
  const long = idleWords(idleAnswer('so '.repeat(1_000), { offered, takes: true }));
  assert.ok(long.length < 340, long);
  const written = idleAnswer('{"name": "find_order", "arguments": {}}', { offered, takes: false });
  assert.match(idleWords(written), /models\.inferNextAction\.textCalls/);
});
