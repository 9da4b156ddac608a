import assert from 'node:assert/strict';
import { test } from 'node:test';
import { argumentsProblem, readAnswer } from '../../contracts/answer-schema.ts';
import type { Json } from '../../contracts/json.ts';

const party = {
  type: 'object',
  properties: {
    'guest name': { type: 'string', maxLength: 10 },
    seats: { type: 'integer', maximum: 12 },
    meal: { type: 'string', enum: ['fish', 'soup'] },
    extras: { type: 'array', items: { type: 'string' } },
    'a/b~c': { type: 'number' },
  },
  required: ['guest name', 'seats'],
  additionalProperties: false,
};

function problemOf(answer: Json): string {
  const read = readAnswer({ schema: party }, JSON.stringify(answer));
  return read.ok ? '' : read.problem;
}

test('what is wrong with an answer is told by path, in words, without a full stop of its own', () => {
  assert.equal(problemOf({}), '"guest name" is missing; "seats" is missing');
  assert.equal(problemOf({ 'guest name': 'Ada', seats: 99 }), 'seats: 99 is greater than 12');
  assert.equal(problemOf({ 'guest name': 'Ada', seats: '9' }), 'seats: expected "integer", not "string"');
  assert.equal(problemOf({ 'guest name': 'Ada Lovelace', seats: 2 }), 'guest name: string is too long (12 > 10)');
  assert.equal(problemOf({ 'guest name': 'Ada', seats: 2, meal: 'hay' }), 'meal: expected one of "fish","soup"');
  assert.equal(problemOf({ 'guest name': 'Ada', seats: 2, extras: [1] }), 'extras.0: expected "string", not "number"');
  assert.equal(problemOf({ 'guest name': 'Ada', seats: 2, 'a/b~c': '' }), 'a/b~c: expected "number", not "string"');
  assert.equal(problemOf({ 'guest name': 'Ada', seats: 2, dog: 1 }), 'dog: nothing of that name is asked for');
  assert.equal(problemOf(7), 'expected "object", not "number"');
});

test('of many things that are wrong the first three are told, and arguments are told the same way', () => {
  const many = { 'guest name': 1, seats: 1.5, meal: 3, extras: 4 };

  assert.equal(problemOf(many).split('; ').length, 3);
  assert.equal(argumentsProblem(party, '{"guest name":"Ada","seats":13}'), 'seats: 13 is greater than 12');
  assert.equal(argumentsProblem(undefined, '[]'), 'expected "object", not "array"');
  assert.match(argumentsProblem(party, '{') ?? '', /^they are not valid JSON/);
});
