import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { addTokens, tokenPrice } from '../../contracts/usage.ts';
import { readUsage } from '../../models/read-usage.ts';

const sums = { promptTokens: 100, completionTokens: 20 };
const plain = { prompt_tokens: 100, completion_tokens: 20 };

test('the parts of a count are found wherever a provider puts them', () => {
  const details = { prompt_tokens_details: { cached_tokens: 64, cache_write_tokens: 30 } };
  assert.deepEqual(readUsage({ ...plain, ...details }), { ...sums, cachedTokens: 64, cacheWriteTokens: 30 });
  const thought = { completion_tokens_details: { reasoning_tokens: 12 } };
  assert.deepEqual(readUsage({ ...plain, ...thought }), { ...sums, reasoningTokens: 12 });
  const hits = { prompt_cache_hit_tokens: 64, prompt_cache_miss_tokens: 36 };
  assert.deepEqual(readUsage({ ...plain, ...hits }), { ...sums, cachedTokens: 64 });
  assert.deepEqual(readUsage({ ...plain, cached_tokens: 64 }), { ...sums, cachedTokens: 64 });
  const gateway = { cache_read_input_tokens: 50, cache_creation_input_tokens: 40 };
  assert.deepEqual(readUsage({ ...plain, ...gateway }), { ...sums, cachedTokens: 50, cacheWriteTokens: 40 });
});

test('what was thought beside the answer is billed, though the answer leaves it out', () => {
  const details = { completion_tokens_details: { reasoning_tokens: 300 } };
  const told = { ...plain, total_tokens: 420, ...details };
  assert.deepEqual(readUsage(told), { promptTokens: 100, completionTokens: 320, reasoningTokens: 300 });
  assert.equal(readUsage({ ...plain, total_tokens: 420 }).completionTokens, 320);
  assert.equal(readUsage({ ...plain, ...details }).completionTokens, 320, 'more thought than answered');
});

test('what came from a cache beside the prompt is among it', () => {
  const beside = { prompt_tokens: 10, completion_tokens: 20, cache_read_input_tokens: 90 };
  assert.deepEqual(readUsage(beside), { promptTokens: 100, completionTokens: 20, cachedTokens: 90 });
  const total = { ...plain, total_tokens: 170, prompt_tokens_details: { cached_tokens: 50 } };
  assert.deepEqual(readUsage(total), { promptTokens: 150, completionTokens: 20, cachedTokens: 50 });
});

test('a count that is none counts as not told, and a text or a fraction is a number', () => {
  for (const value of [-3, 0, Number.NaN, 'many', '', null, true, [], {}, 1e300]) {
    assert.deepEqual(readUsage({ prompt_tokens: value, completion_tokens: 4 }), { completionTokens: 4 });
  }
  assert.deepEqual(readUsage({ prompt_tokens: '120', completion_tokens: 3.2 }), {
    promptTokens: 120,
    completionTokens: 4,
  });
  for (const value of [undefined, null, 'none', 7, []]) assert.deepEqual(readUsage(value), {});
});

test('whatever a server counts, nothing is credited and the parts fit into their sums', () => {
  fc.assert(
    fc.property(
      fc.dictionary(
        fc.constantFrom(
          'prompt_tokens',
          'completion_tokens',
          'total_tokens',
          'cached_tokens',
          'cache_creation_input_tokens',
        ),
        fc.oneof(fc.integer({ max: 1_000_000 }), fc.double(), fc.jsonValue()),
      ),
      (given) => {
        const { promptTokens, completionTokens, cachedTokens = 0, cacheWriteTokens = 0 } = readUsage(given);
        for (const tokens of [promptTokens, completionTokens]) {
          assert.ok(tokens === undefined || (Number.isInteger(tokens) && tokens > 0));
        }
        if (promptTokens !== undefined && completionTokens !== undefined) {
          assert.ok(cachedTokens + cacheWriteTokens <= promptTokens);
        }
      },
    ),
  );
});

test('calls add up part by part, and cost what each part costs', () => {
  const one = { promptTokens: 1_000, completionTokens: 10, cachedTokens: 600 };
  const other = { promptTokens: 500, completionTokens: 5, cacheWriteTokens: 400 };
  const both = { promptTokens: 1_500, completionTokens: 15, cachedTokens: 600, cacheWriteTokens: 400 };
  assert.deepEqual(addTokens(one, other), both);
  assert.deepEqual(addTokens(sums, sums), { promptTokens: 200, completionTokens: 40 });
  const prices = { prompt: 10, completion: 20, cached: 1, cacheWrite: 12.5 };
  assert.equal(tokenPrice(both, prices), (500 * 10 + 600 * 1 + 400 * 12.5 + 15 * 20) / 1_000_000);
  assert.equal(tokenPrice(both, { prompt: 10, completion: 20 }), (1_500 * 10 + 15 * 20) / 1_000_000);
});
