import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { Dialogue } from '../../bench/retrieval/dialogue.ts';
import { generateDialogue } from '../../bench/retrieval/generate-dialogue.ts';
import { loadLocomo } from '../../bench/retrieval/locomo.ts';

const turnsOf = ({ sessions }: Dialogue) => sessions.flatMap(({ turns }) => turns);

describe('a generated dialogue', () => {
  it('is the same for the same seed, and another for another', () => {
    assert.deepEqual(generateDialogue(7), generateDialogue(7));
    assert.notDeepEqual(generateDialogue(7), generateDialogue(8));
  });

  it('is long, spans months, and asks every kind of question', () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const dialogue = generateDialogue(seed);
      const times = dialogue.sessions.map(({ at }) => Date.parse(at));
      assert.deepEqual(
        times,
        times.toSorted((one, other) => one - other),
      );
      assert.ok((times.at(-1) ?? 0) - (times[0] ?? 0) > 120 * 86_400_000, 'four months at least');
      assert.ok(turnsOf(dialogue).length >= 300, `${turnsOf(dialogue).length} turns`);
      const kinds = new Set(dialogue.questions.map(({ kind }) => kind));
      assert.deepEqual([...kinds].sort(), ['as-of', 'multi-hop', 'single-hop', 'temporal', 'unanswerable']);
    }
  });

  it('has the turns that answer its questions, told by the one who is asked about', () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const dialogue = generateDialogue(seed);
      const turns = new Map(turnsOf(dialogue).map((turn) => [turn.id, turn]));
      assert.equal(turns.size, turnsOf(dialogue).length, 'every id once');
      for (const { text, kind, evidence } of dialogue.questions) {
        assert.equal(evidence.length === 0, kind === 'unanswerable', text);
        assert.doesNotMatch(text, /[{}]/);
        for (const id of evidence) assert.ok(text.includes(turns.get(id)?.speaker ?? '?'), `${text} -> ${id}`);
      }
      for (const { text } of turnsOf(dialogue)) assert.doesNotMatch(text, /[{}]/);
    }
  });

  it('answers an as-of question by the last value that was told before', () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const { sessions, questions } = generateDialogue(seed);
      const times = new Map(sessions.flatMap(({ at, turns }) => turns.map(({ id }) => [id, Date.parse(at)] as const)));
      const asOf = questions.filter(({ kind }) => kind === 'as-of');
      assert.ok(asOf.length > 0);
      for (const { asOf: time = '', evidence } of asOf) {
        for (const id of evidence) assert.ok((times.get(id) ?? Infinity) < Date.parse(time));
      }
    }
  });
});

describe("the loader of LoCoMo's file", () => {
  const sample = {
    sample_id: 'conv-1',
    conversation: {
      speaker_a: 'Ana',
      speaker_b: 'Ben',
      session_10_date_time: '9:05 am on 2 June, 2023',
      session_10: [{ speaker: 'Ben', dia_id: 'D10:1', text: 'The boat sank.' }],
      session_2_date_time: '12:09 am on 13 September, 2022',
      session_2: [
        { speaker: 'Ana', dia_id: 'D2:1', text: 'I bought a boat.' },
        { speaker: 'Ben', dia_id: 'D2:2', img_url: ['x.jpg'], text: 'A blue one?' },
      ],
    },
    qa: [
      { question: 'What did Ana buy?', answer: 'A boat', evidence: ['D2:1'], category: 4 },
      { question: 'What became of it?', answer: 'It sank', evidence: ['D2:1; D10:1'], category: 1 },
      { question: 'When?', answer: 2023, evidence: ['D99:1'], category: 2 },
      { question: 'Why a plane?', adversarial_answer: 'Wings', evidence: ['D2:2'], category: 5 },
    ],
  };

  async function written(content: string) {
    const folder = await mkdtemp(join(tmpdir(), 'waymark-locomo-'));
    const path = join(folder, 'locomo10.json');
    await writeFile(path, content);
    return { path, remove: () => rm(folder, { recursive: true }) };
  }

  it('reads sessions in their order, their times, and the questions that have evidence', async (t) => {
    const { path, remove } = await written(JSON.stringify([sample]));
    t.after(remove);
    const [dialogue] = await loadLocomo(path);
    assert.ok(dialogue);
    assert.deepEqual(
      dialogue.sessions.map(({ at }) => at),
      ['2022-09-13T00:09:00.000Z', '2023-06-02T09:05:00.000Z'],
    );
    assert.deepEqual(
      turnsOf(dialogue).map(({ id }) => id),
      ['D2:1', 'D2:2', 'D10:1'],
    );
    assert.deepEqual(dialogue.questions, [
      { text: 'What did Ana buy?', kind: 'single-hop', evidence: ['D2:1'] },
      { text: 'What became of it?', kind: 'multi-hop', evidence: ['D2:1', 'D10:1'] },
      { text: 'Why a plane?', kind: 'unanswerable', evidence: [] },
    ]);
  });

  it('says what is wrong with another file', async (t) => {
    const { path, remove } = await written('{"sample_id": 1}');
    t.after(remove);
    await assert.rejects(loadLocomo(path), /is not LoCoMo's file.*locomo10\.json/s);
  });
});
