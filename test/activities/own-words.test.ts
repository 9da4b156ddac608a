import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { blocksOf, renderBlock } from '../../activities/context/blocks.ts';
import { messagesTokens } from '../../activities/context/section.ts';
import type { Tokenizer } from '../../activities/context/tokenizer.ts';
import { openTokenizer } from '../../activities/context/tokenizer.ts';
import { maskedText } from '../../activities/masking/masked-texts.ts';
import { maskedOwnWords } from '../../activities/masking/masked-words.ts';
import { plainSummary } from '../../activities/summary/tell-entry.ts';
import type { PromptMessage } from '../../contracts/language-model.ts';
import type { TranscriptEntry } from '../../contracts/transcript.ts';
import { createMask } from '../../memory/index.ts';

const AT = '2026-01-01T00:00:00.000Z';

let tokenizer: Tokenizer;
before(async () => {
  tokenizer = await openTokenizer('gpt-4.1-mini');
});

/** An answer with thoughts, a signature and a call, and its result. */
function answer(thoughts: string): TranscriptEntry[] {
  const words = { id: 'D681PevKs', fields: { extra_content: { thought_signature: 'sig' } } };
  const calls = [{ id: 't1c1', name: 'look', arguments: '{}', words }];
  const own = { by: 'here m', fields: { reasoning_content: thoughts, signature: 's'.repeat(400) } };
  const base = { at: AT, turn: 1 };
  return [
    { kind: 'assistant', seq: 2, ...base, text: 'I look.', calls, words: own },
    { kind: 'tool', seq: 3, ...base, callId: 't1c1', name: 'look', outcome: { status: 'ok', text: 'sunny' } },
  ];
}

function rendered(entries: readonly TranscriptEntry[], text = 200): PromptMessage[] {
  return blocksOf(entries).flatMap((block) => renderBlock(block, tokenizer, { text, result: text }));
}

test('a prompt holds the own words of an answer and of its calls with their message, and counts them', () => {
  const [said, result] = rendered(answer('I should look.'));

  assert.deepEqual(said, {
    role: 'assistant',
    seq: 2,
    content: 'I look.',
    words: { by: 'here m', fields: { reasoning_content: 'I should look.', signature: 's'.repeat(400) } },
    calls: [
      {
        id: 't1c1',
        name: 'look',
        arguments: '{}',
        words: { id: 'D681PevKs', fields: { extra_content: { thought_signature: 'sig' } } },
      },
    ],
  });
  const bare = {
    role: 'assistant',
    content: 'I look.',
    calls: [{ id: 't1c1', name: 'look', arguments: '{}' }],
  } as const;
  const more = messagesTokens(
    [said, result].filter((one) => one !== undefined),
    tokenizer,
  );
  const less = messagesTokens(
    [bare, result].filter((one) => one !== undefined),
    tokenizer,
  );
  assert.ok(more > less + tokenizer.count('s'.repeat(400)), `${more} and ${less}`);
});

test('long thoughts are cut like any text; what is signed stays whole', () => {
  const [said] = rendered(answer('I should look. '.repeat(500)), 100);

  assert.ok(said?.role === 'assistant');
  const { reasoning_content: thoughts, signature } = said.words?.fields ?? {};
  assert.ok(typeof thoughts === 'string' && tokenizer.count(thoughts) <= 100);
  assert.match(thoughts, /^I should look[^]*characters in all, cut here/);
  assert.equal(signature, 's'.repeat(400));
});

test('no secret stays in the own words of an answer', () => {
  const masked = (text: string): string => maskedText(text, createMask(), { tenant: 'default' });
  const fields = {
    reasoning: 'The key is sk-proj-abcdefghijklmnopqrstuvwxyz0123456789.',
    details: [{ password: 'hunter22!' }],
  };

  const words = maskedOwnWords({ by: 'here m', fields }, masked);

  assert.equal(words?.by, 'here m');
  assert.doesNotMatch(JSON.stringify(words), /sk-proj|hunter22/);
  assert.match(JSON.stringify(words), /The key is/);
});

test('a summary is made from what was said, and not from what was thought', () => {
  assert.doesNotMatch(plainSummary(answer('I should look secretly.'), tokenizer), /secretly|sig/);
});
