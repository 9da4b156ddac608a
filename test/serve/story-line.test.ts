import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WatchedEvent } from '../../contracts/events.ts';
import { storyLines } from '../../serve/story-line.ts';

test('the story of the pages says which calls the model wrote as text', () => {
  const event: Extract<WatchedEvent, { type: 'action-inferred' }> = {
    offset: '1-0',
    number: 1,
    type: 'action-inferred',
    at: '2026-01-05T09:00:00.000Z',
    turn: 1,
    text: '',
    model: 'small',
    promptTokens: 10,
    cachedTokens: 0,
    completionTokens: 5,
    calls: [
      { id: 'a', name: 'find_order', arguments: '{"order":"1007"}', written: true },
      { id: 'b', name: 'find_order', arguments: '{"order":"1008"}' },
    ],
  };
  assert.deepEqual(
    storyLines(event).map(({ who }) => who),
    ['calls find_order (written as text)', 'calls find_order'],
  );
});
