import assert from 'node:assert/strict';
import { test } from 'node:test';

import { endingOf } from '../../models/answer-ending.ts';
import type { EndedAnswer } from '../../models/answer-ending.ts';

const call = { id: 'a', name: 'wipe', arguments: '{}' };
const good: EndedAnswer = {
  finishReasons: ['tool_calls'],
  whole: true,
  text: '',
  calls: [call],
  counted: 12,
  bound: 100,
};

const endings: [string, Partial<EndedAnswer>, ReturnType<typeof endingOf>][] = [
  ['with the reason of the protocol', {}, 'complete'],
  ['with stop beside a call', { finishReasons: ['stop'] }, 'complete'],
  ['with two good reasons', { finishReasons: ['tool_calls', 'stop'] }, 'complete'],
  ['as Anthropic says it', { finishReasons: ['tool_use'] }, 'complete'],
  ['as Google says it', { finishReasons: ['STOP'] }, 'complete'],
  ['as text-generation-inference says it', { finishReasons: ['eos_token'] }, 'complete'],
  ['without a reason, but whole', { finishReasons: [] }, 'complete'],
  ['without a reason, and not whole', { finishReasons: [], whole: false }, 'broken-off'],
  [
    'without a reason, whole, within a call',
    { finishReasons: [], calls: [{ ...call, arguments: '{"a":"b' }] },
    'within-call',
  ],
  ['at its length', { finishReasons: ['length'] }, 'cut'],
  ['at its length, and then well', { finishReasons: ['length', 'stop'] }, 'cut'],
  ['at its length, as Google says it', { finishReasons: ['MAX_TOKENS'] }, 'cut'],
  ['at the end of the context, as Anthropic says it', { finishReasons: ['model_context_window_exceeded'] }, 'cut'],
  ['well, with as many tokens as it may have', { counted: 100 }, 'cut'],
  [
    'well, in a text with as many tokens as it may have',
    { counted: 100, calls: [], text: 'so', finishReasons: ['stop'] },
    'cut',
  ],
  ['well, with more tokens than a bound that the server does not know', { counted: 101 }, 'complete'],
  ['well, uncounted', { counted: undefined }, 'complete'],
  ['well, within a call', { calls: [call, { ...call, arguments: '{"list":[1,' }] }, 'within-call'],
  ['well, with arguments that are no JSON at all', { calls: [{ ...call, arguments: 'rm -rf' }] }, 'complete'],
  ['with an error', { finishReasons: ['error'] }, 'failed'],
  ['with an error after a good reason', { finishReasons: ['tool_calls', 'error'] }, 'failed'],
  ['for want of machines, as DeepSeek says it', { finishReasons: ['insufficient_system_resource'] }, 'failed'],
  ['aborted, as vLLM says it', { finishReasons: ['abort'] }, 'failed'],
  ['filtered', { finishReasons: ['content_filter'] }, 'filtered'],
  ['filtered, as Zhipu says it', { finishReasons: ['sensitive'] }, 'filtered'],
  ['filtered, as Google says it', { finishReasons: ['PROHIBITED_CONTENT'] }, 'filtered'],
  ['for a reason that nobody knows, with a call', { finishReasons: ['weary'] }, 'unknown'],
  ['for a reason that nobody knows, with a text', { finishReasons: ['weary'], calls: [], text: 'So.' }, 'complete'],
  [
    'with a call that Gemini could not read',
    { finishReasons: ['function_call_filter: MALFORMED_FUNCTION_CALL'], calls: [] },
    'unknown',
  ],
];

for (const [how, given, expected] of endings) {
  test(`an answer that ends ${how} is ${expected}`, () => {
    assert.equal(endingOf({ ...good, ...given }), expected);
  });
}
