import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wayOn } from '../../activities/model/blamed-entry.ts';
import type { PromptMessage } from '../../contracts/language-model.ts';

const messages: PromptMessage[] = [
  { role: 'system', content: 'You dig.' },
  { role: 'user', seq: 1, content: 'Dig.' },
  { role: 'assistant', seq: 2, content: '', calls: [{ id: 't1c1', name: 'look', arguments: '{}' }] },
  { role: 'tool', seq: 3, callId: 't1c1', content: 'mud' },
  { role: 'assistant', seq: 5, content: '', calls: [{ id: 't2c1', name: 'look', arguments: '{}' }] },
  { role: 'tool', seq: 6, callId: 't2c1', content: 'sand' },
  { role: 'system', content: 'Goal: a hole.' },
];

test('a refusal that names a message is one of its entry, which can be left out', () => {
  const said = "Invalid 'messages[3].content': string contains what is not allowed.";

  assert.equal(
    wayOn(messages, said, 'digger:1'),
    'It speaks of entry 3 (a result). To resume alone sends the same again: mend the cause, or leave an entry out with `waymark resume digger:1 --leave-out 3`.',
  );
  assert.match(
    wayOn(messages, 'bad value in the message at index 2', 'digger:1'),
    /speaks of entry 2 \(the model's own/,
  );
});

test('where none is named, what is new since the last prompt that was taken is suspected', () => {
  assert.match(
    wayOn(messages, 'Invalid message in the history', 'digger:1'),
    /^New since the last prompt that was taken: entry 5 \(the model's own answer\), entry 6 \(a result\)\. .*--leave-out 5`/,
  );
  assert.equal(wayOn([{ role: 'user', content: 'hi' }], 'no', 'digger:1'), '');
});
