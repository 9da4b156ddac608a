import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { encode } from 'gpt-tokenizer/encoding/o200k_base';
import type { RecalledMemory } from '../../contracts/memory-query.ts';
import type { Memory } from '../../contracts/memory.ts';
import { fenceRecalled, neutralText, withoutRecalled } from '../../memory/index.ts';
import { injectionTexts } from './injection-texts.ts';

function recalled(text: string): RecalledMemory {
  const memory: Memory = {
    id: 'm1',
    tenant: 'acme',
    scope: { scope: 'user', id: 'ana' },
    kind: 'fact',
    text,
    visibility: 'shared',
    importance: 0.5,
    confidence: 1,
    trust: 'model',
    provenance: {},
    validFrom: '2026-01-10T00:00:00.000Z',
    createdAt: '2026-01-10T00:00:00.000Z',
    embeddingModel: 'none',
  };
  return { memory, score: 1, parts: { vector: 1, text: 1, recency: 1, importance: 1 } };
}

const OPEN = '<recalled-memories>';
const CLOSE = '</recalled-memories>';
const LINE = /^- \[fact, 2026-01-10, said by a model\] /;

describe('a memory with an injection in it', () => {
  it('is tried with more than thirty texts', () => assert.ok(injectionTexts.length >= 30));

  for (const text of injectionTexts) {
    it(`stays one line of data: ${JSON.stringify(text).slice(0, 70)}`, () => {
      const prompt = `before\n${fenceRecalled([recalled('first'), recalled(text), recalled('last')])}\nafter`;
      const lines = prompt.split(/\r\n|[\n\r\u0085\u2028\u2029\v\f]/);
      assert.equal(lines.length, 8, 'no line of its own');
      assert.deepEqual([lines[1], lines[6]], [OPEN, CLOSE]);
      const line = lines[4] ?? '';
      assert.match(line, LINE);
      const body = line.replace(LINE, '');
      assert.doesNotMatch(body, /[<>\uFF1C\uFF1E[\]]|&(lt|gt|#)|`{3}|~{3}/i, 'no mark of a fence, a role or a link');
      assert.doesNotMatch(body, /[\p{Cc}\p{Cf}\p{Co}\u{E0000}-\u{E0FFF}]/u, 'nothing that a person does not see');
      assert.doesNotThrow(() => encode(body, { disallowedSpecial: 'all' }), 'no special token of a model');
      assert.equal(withoutRecalled(prompt), 'before\n\nafter', 'nothing of it is learned again');
      assert.equal(neutralText(body), body, 'and there is nothing left to replace');
    });
  }

  it('keeps what it says, in any language', () => {
    const text = 'Ana (née Müller) paid 3 € — 王さん、привет, שלום & "tea" 5*3=15; a_b@c.de 🙂 100%';
    assert.equal(neutralText(text), text);
    assert.match(fenceRecalled([recalled(text)]), /王さん、привет/);
  });

  it('is cut out of a source with everything behind it where its fence never ends', () => {
    assert.equal(withoutRecalled(`said ${OPEN} a secret`), 'said');
    assert.equal(withoutRecalled('a <recalled-memories x="1">b</ recalled-memories > c'), 'a  c');
  });
});
