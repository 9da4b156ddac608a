import assert from 'node:assert/strict';
import { test } from 'node:test';
import { maskedProse, maskedText } from '../../activities/masking/masked-texts.ts';
import { openTokenizer } from '../../activities/context/tokenizer.ts';
import { identifiersIn } from '../../activities/summary/identifiers.ts';
import { fenceRecalled, withoutRecalled } from '../../memory/recall/recalled-fence.ts';
import { neutralText } from '../../memory/recall/neutral-text.ts';
import { answeredItems } from '../../memory/extract/answered-items.ts';
import { createRuleExtractor } from '../../memory/extract/extract-by-rules.ts';
import { splitText } from '../../memory/extract/split-text.ts';
import { createMask } from '../../memory/rights/mask-secrets.ts';
import { piiNames } from '../../contracts/masking.ts';

/** What has made, or could make, a pattern look at the same characters again and again. */
const UNITS: readonly string[] = [
  'a.',
  'a',
  ' ',
  '\n',
  'A1',
  '1.',
  '1 ',
  'a-',
  '://a:',
  'a://',
  'eyJaaaaaaaa-',
  'eyJaaaaaaaa.',
  'Bearer ',
  'Basic aaaaaaaaaaaa',
  'sk-',
  'password ',
  'api key = ',
  '-----BEGIN PRIVATE KEY-----',
  '-----BEGIN A A ',
  '-----END A A ',
  'a@',
  'a@b.',
  'GB29 ',
  '+1 (',
  '<recalled-memories ',
  '< ',
  '{',
  '[',
  '"',
  "'",
  '{"a":',
  '世',
  '$1.',
  '. ',
  'remember  ',
  '&#0',
  '```',
  'secret://A',
];

const everything = createMask({ pii: piiNames });
const where = { tenant: 'default', agent: 'a' };
const source = { at: '2026-01-01T00:00:00.000Z', speaker: 'Ada', trust: 'person' as const };
const target = { scope: { scope: 'task' as const, id: 't' } };

const works: Readonly<Record<string, (text: string) => unknown>> = {
  'masking prose': (text) => maskedProse(text, everything, where),
  'masking what may be JSON': (text) => maskedText(text, everything, where),
  'finding identifiers': identifiersIn,
  'dropping what was recalled': withoutRecalled,
  'making a text neutral': neutralText,
  'reading an extraction': answeredItems,
  splitting: (text) => splitText(text, 2_000),
  'extracting by rules': (text) => createRuleExtractor().extract([{ ...source, text }], target),
  'counting tokens': (await openTokenizer('gpt-4o')).count,
};

const BYTES = 131_072;
/** Of the processor, and ten times what it takes: the square would be minutes. */
const MOST_MS = 3_000;

for (const [name, work] of Object.entries(works)) {
  test(`${name} takes time in proportion to the text, whatever that says`, async () => {
    for (const unit of UNITS) {
      for (const text of [unit.repeat(BYTES / unit.length), `remember ${unit.repeat(BYTES / unit.length)}!`]) {
        const began = process.cpuUsage();
        await work(text);
        const { user } = process.cpuUsage(began);
        assert.ok(user / 1_000 < MOST_MS, `${JSON.stringify(unit)}: ${user / 1_000} ms`);
      }
    }
  });
}

test('a fence of recalled memories is dropped with whatever stands in its tag', () => {
  assert.equal(withoutRecalled(`a ${fenceRecalled([])} b`), 'a  b');
  assert.equal(withoutRecalled('a <recalled-memories x="1">b</recalled-memories >c'), 'a c');
});
