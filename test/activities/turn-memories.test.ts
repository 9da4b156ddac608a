import assert from 'node:assert/strict';
import { test } from 'node:test';
import { turnMemories } from '../../activities/remembering/turn-memories.ts';
import type { NewMemory } from '../../contracts/memory.ts';
import type { TranscriptEntry } from '../../contracts/transcript.ts';
import { recordFor } from '../support/stage-world.ts';

const AT = '2026-01-01T00:00:00.000Z';
const ADA = { kind: 'person', id: 'ada' } as const;
const QUESTION = 'Who signs the acceptance of the work?';
const ANSWER: TranscriptEntry = {
  kind: 'tool',
  seq: 2,
  at: AT,
  turn: 1,
  callId: 't1c1',
  name: 'ask_user',
  outcome: { status: 'ok', text: 'Mrs. Okafor signs it.', by: ADA },
};
const observation = {
  turn: 1,
  summary: 'ask_user: Mrs. Okafor signs it.',
  markers: [],
  failedStrategies: [],
  learned: [{ question: QUESTION, answerSeq: 2, by: ADA }],
};

/** What is kept of the answer where a model has found these texts in it. */
function answersKept(...texts: readonly string[]): string[] {
  const extracted = texts.map((text): NewMemory => ({
    scope: { scope: 'global', id: 'all' },
    kind: 'fact',
    text,
    provenance: { taskId: 'digger:1', turn: 1, seq: 2 },
  }));
  const record = recordFor('digger:1');
  const entry = { kind: 'observation' as const, seq: 3, at: AT, turn: 1, observation };
  return turnMemories({ record, turn: 1 }, entry, { entries: [ANSWER], extracted })
    .filter(({ slot }) => slot?.startsWith('answer:'))
    .map(({ text }) => text);
}

test('an answer is kept with its question, unless a model has made a sentence of both', () => {
  const whole = `${QUESTION} — ada answered: Mrs. Okafor signs it.`;
  assert.deepEqual(answersKept(), [whole]);
  assert.deepEqual(answersKept('Mrs. Okafor signs it.'), [whole], 'nobody who asks about the acceptance finds that');
  assert.deepEqual(answersKept('Mrs. Okafor signs the acceptance of the work.'), []);
});
