import * as z from 'zod';
import type { IsoTime } from '../../contracts/json.ts';
import type { LanguageModel, ToolSpec, Usage } from '../../contracts/language-model.ts';
import { DEFAULT_MEMORY_POLICY } from '../../contracts/memory-policy.ts';
import type { ExtractionPolicy } from '../../contracts/memory-policy.ts';
import type { Drop, NewMemory, Provenance, ScopeRef } from '../../contracts/memory.ts';
import { problemOf } from '../record/check-memory.ts';
import { answeredItems } from './answered-items.ts';
import { EXTRACTION_PROMPT } from './extraction-prompt.ts';
import { countsFromNought, readItem } from './read-item.ts';
import { withoutRecalled } from '../recall/recalled-fence.ts';
import { inPieces } from './split-text.ts';

/** Something that was said or happened, with its own time. */
export interface ExtractionSource {
  readonly text: string;
  /** When it was said; "yesterday" is counted from here, whatever the clock says now. */
  readonly at: IsoTime;
  /** Who said it, as people know them, e.g. `Ana` or `tool import_data`. */
  readonly speaker: string;
  readonly trust: 'person' | 'tool' | 'model';
  /** Which part of a longer text it is, e.g. `2 of 5`. */
  readonly part?: string;
  readonly provenance?: Provenance;
}

/** Where what is found belongs, and how much of it is taken. */
export interface ExtractionTarget {
  readonly scope: ScopeRef;
  readonly subject?: string;
  /** Ids become `{idPrefix}1`, `{idPrefix}2`, …, so that a frozen result written again is the same write. */
  readonly idPrefix?: string;
  /** Slots that have a value there already: the model takes their names instead of making up others. */
  readonly slots?: readonly string[];
}

/** What may be extracted. */
export type ExtractionBounds = Pick<ExtractionPolicy, 'kinds' | 'mostItems'>;

/** Memories, and what the model gave that is none. Plain JSON: one activity's result, frozen before it is written. */
export interface Extraction {
  readonly memories: readonly NewMemory[];
  readonly discarded: readonly { readonly item: string; readonly reason: string }[];
  /** What a model took for it. */
  readonly usage?: Usage;
}

/** What was discarded, as a store notes it for a day. */
export function dropsOf(
  discarded: Extraction['discarded'],
  { scope, subject }: Pick<ExtractionTarget, 'scope' | 'subject'>,
): Drop[] {
  return discarded.map(({ item, reason }) => ({
    rule: 'unusable',
    text: item,
    kind: 'fact',
    scope,
    ...(subject === undefined ? {} : { subject }),
    reason,
  }));
}

/** Finds what is worth remembering in what was said in a turn. */
export interface Extractor {
  /** @throws ApplicationFailure `ModelError.*` */
  extract(
    sources: readonly ExtractionSource[],
    target: ExtractionTarget,
    options?: { readonly signal?: AbortSignal },
  ): Promise<Extraction>;
}

const TOOL = 'save_memories';
const LONGEST_ITEM = 200;

/** An extractor that asks a model, once for all sources it is given. */
export function createExtractor(options: {
  readonly model: LanguageModel;
  /** Default: one of some 300 tokens. */
  readonly prompt?: string;
  readonly policy?: Partial<ExtractionBounds>;
}): Extractor {
  const { model, prompt = EXTRACTION_PROMPT } = options;
  const policy = { ...DEFAULT_MEMORY_POLICY.extraction, ...options.policy };
  const tool = toolFor(policy);
  return {
    async extract(given, target, { signal } = {}) {
      const sources = given
        .map((source) => ({ ...source, text: withoutRecalled(source.text) }))
        .filter(({ text }) => text.trim() !== '');
      if (sources.length === 0) return { memories: [], discarded: [] };
      const messages = [
        { role: 'system' as const, content: prompt },
        { role: 'user' as const, content: [...sources.map(quoted), ...slotsIn(target)].join('\n') },
      ];
      const request = { messages, tools: [tool], mustCall: TOOL };
      const { unfinished, text, usage, ...answered } = await model.complete(request, signal ? { signal } : {});
      const calls = unfinished?.calls ?? answered.calls;
      // Some servers give the answer as text, or another name to the only tool there is.
      const call = calls.find(({ name }) => name === TOOL) ?? calls[0];
      const answer = call?.arguments ?? (/[[{]/.test(text) ? text : undefined);
      const missed = { memories: [], discarded: [{ item: short(text), reason: `the model did not call ${TOOL}` }] };
      return { ...(answer === undefined ? missed : read(answer, { sources, target, policy })), usage };
    },
  };
}

/** A strict schema knows neither optional properties nor lengths; these are looked at when the answer is read. */
function toolFor({ kinds, mostItems }: ExtractionBounds): ToolSpec {
  const item = z.object({
    text: z.string(),
    kind: z.enum(kinds),
    source: z.number().describe('Number of the source it comes from'),
    slot: z.string().nullable().describe('What it is a value of, e.g. "home city"; null where of nothing'),
    importance: z.number(),
    confidence: z.number(),
    valid_from: z.string().nullable().describe('YYYY-MM-DD, where the source tells it'),
  });
  const { $schema: _dialect, ...parameters } = z.toJSONSchema(z.object({ items: z.array(item).max(mostItems) }));
  const description = 'Saves what is worth remembering; an empty list where nothing is.';
  return { name: TOOL, description, parameters, strict: true };
}

function slotsIn({ slots = [] }: ExtractionTarget): string[] {
  return slots.length === 0 ? [] : [JSON.stringify({ slots_in_use: slots })];
}

/** As JSON, so that no text can look like the end of its source and the beginning of another. */
function quoted({ text, at, speaker, part }: ExtractionSource, index: number): string {
  return JSON.stringify({ source: index + 1, at, speaker, ...(part === undefined ? {} : { part }), text });
}

function read(
  answer: string,
  options: {
    readonly sources: readonly ExtractionSource[];
    readonly target: ExtractionTarget;
    readonly policy: ExtractionBounds;
  },
): Extraction {
  const answered = answeredItems(answer);
  if (!answered)
    return { memories: [], discarded: [{ item: short(answer), reason: 'not the JSON that was asked for' }] };
  const { items, broken } = answered;
  const context = { ...options, fromNought: countsFromNought(items) };
  const memories: NewMemory[] = [];
  let taken = 0;
  const discarded = broken.map((piece) => ({ item: short(piece), reason: 'cut off, or no JSON' }));
  for (const item of items) {
    const memory = taken < options.policy.mostItems ? readItem(item, context, taken) : TOO_MANY;
    const pieces = typeof memory === 'string' ? [] : inPieces(memory);
    const problem = typeof memory === 'string' ? memory : pieces.map(problemOf).find((one) => one !== undefined);
    if (problem === undefined) {
      memories.push(...pieces);
      taken += 1;
    } else discarded.push({ item: short(JSON.stringify(item)), reason: problem });
  }
  return { memories, discarded };
}

const TOO_MANY = 'more items than the policy allows';

function short(text: string): string {
  return text.slice(0, LONGEST_ITEM);
}
