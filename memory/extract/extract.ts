import * as z from 'zod';
import type { IsoTime } from '../../contracts/json.ts';
import type { LanguageModel, ToolSpec, Usage } from '../../contracts/language-model.ts';
import { DEFAULT_MEMORY_POLICY } from '../../contracts/memory-policy.ts';
import type { ExtractionPolicy } from '../../contracts/memory-policy.ts';
import { memoryKinds } from '../../contracts/memory.ts';
import type { NewMemory, Provenance, ScopeRef } from '../../contracts/memory.ts';
import { EXTRACTION_PROMPT } from './extraction-prompt.ts';
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

const itemSchema = z.object({
  text: z.string().trim().min(3),
  kind: z.enum(memoryKinds).exclude(['passage']),
  source: z.int().min(1),
  slot: z.string().min(1).max(100).nullish(),
  importance: z.number().min(0).max(1),
  confidence: z.number().min(0).max(1),
  valid_from: z.iso.date().nullish(),
});
const answerSchema = z.object({ items: z.array(z.unknown()) });

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
        { role: 'user' as const, content: sources.map(quoted).join('\n') },
      ];
      const request = { messages, tools: [tool], mustCall: TOOL };
      const { calls, usage } = await model.complete(request, signal ? { signal } : {});
      const call = calls.find(({ name }) => name === TOOL);
      const missed = { memories: [], discarded: [{ item: '', reason: `the model did not call ${TOOL}` }] };
      return { ...(call ? read(call.arguments, { sources, target, policy }) : missed), usage };
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
  const items = itemsIn(answer);
  if (!items) return { memories: [], discarded: [{ item: short(answer), reason: 'not the JSON that was asked for' }] };
  const memories: NewMemory[] = [];
  let taken = 0;
  const discarded: { item: string; reason: string }[] = [];
  for (const item of items) {
    const memory = taken < options.policy.mostItems ? memoryOf(item, options, taken) : TOO_MANY;
    if (typeof memory === 'string') discarded.push({ item: short(JSON.stringify(item)), reason: memory });
    else {
      memories.push(...inPieces(memory));
      taken += 1;
    }
  }
  return { memories, discarded };
}

const TOO_MANY = 'more items than the policy allows';

function itemsIn(answer: string): readonly unknown[] | undefined {
  try {
    return answerSchema.safeParse(JSON.parse(answer)).data?.items;
  } catch {
    return undefined;
  }
}

/** A memory, or why it is none. */
function memoryOf(
  item: unknown,
  { sources, target, policy }: Parameters<typeof read>[1],
  ordinal: number,
): NewMemory | string {
  const parsed = itemSchema.safeParse(item);
  if (!parsed.success) return z.prettifyError(parsed.error);
  const { text, kind, source: number, slot, importance, confidence, valid_from: validFrom } = parsed.data;
  const source = sources[number - 1];
  if (!source) return `there is no source ${number}`;
  if (!policy.kinds.includes(kind)) return `memories of kind ${kind} are not extracted here`;
  const { scope, subject, idPrefix } = target;
  return {
    ...(idPrefix === undefined ? {} : { id: `${idPrefix}${ordinal + 1}` }),
    scope,
    ...(subject === undefined ? {} : { subject }),
    kind,
    text,
    importance,
    confidence,
    // What a model says was its own idea; what people and tools say, a model has put into words.
    trust: source.trust,
    validFrom: validFrom == null ? source.at : new Date(validFrom).toISOString(),
    ...(slot == null ? {} : { slot }),
    provenance: { ...source.provenance, speaker: source.speaker },
  };
}

function short(text: string): string {
  return text.slice(0, LONGEST_ITEM);
}
