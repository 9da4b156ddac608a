import * as z from 'zod';
import type { MemoryKind, NewMemory, Trust } from '../../contracts/memory.ts';
import { memoryKinds } from '../../contracts/memory.ts';
import { storable } from '../record/storable-text.ts';
import type { ExtractionBounds, ExtractionSource, ExtractionTarget } from './extract.ts';
import { toldDate } from './told-date.ts';

const LONGEST_SLOT = 100;
const DEFAULT_SHARE = 0.5;
const SURE = 1;
/** Words that models write where there is nothing. */
const NOTHING = /^(null|none|nil|n\/?a|unknown|undefined|-+)?$/i;

/** An item as a model wrote it: only its text has to be there. */
const itemSchema = z.preprocess(
  (item) => (typeof item === 'string' ? { text: item } : item),
  z.looseObject({ text: z.string() }),
);

/** What an item is read with. */
export interface ItemContext {
  readonly sources: readonly ExtractionSource[];
  readonly target: ExtractionTarget;
  readonly policy: ExtractionBounds;
  /** The model counts the sources from nought. */
  readonly fromNought: boolean;
}

/** Does one of these items name the source before the first? */
export function countsFromNought(items: readonly unknown[]): boolean {
  return items.some((item) => typeof item === 'object' && item !== null && numberIn(Reflect.get(item, 'source')) === 0);
}

/**
 * A memory, or why it is none. Whatever is odd beside the text falls back: a date to the time of speaking, a source to
 * the least trusted, the rest to what is usual.
 */
export function readItem(item: unknown, context: ItemContext, ordinal: number): NewMemory | string {
  const { target, policy } = context;
  const parsed = itemSchema.safeParse(item);
  if (!parsed.success) return z.prettifyError(parsed.error);
  const told = parsed.data;
  const text = storable(told.text).trim();
  const kind = kindIn(told['kind'], policy);
  if (kind === undefined) return `memories of kind ${String(told['kind'])} are not extracted here`;
  const source = sourceIn(told['source'], context);
  if (!source) return 'nothing was said that it could come from';
  const { scope, subject, idPrefix } = target;
  const slot = slotIn(told['slot']);
  if (text === '') return 'its text is empty';
  return {
    ...(idPrefix === undefined ? {} : { id: `${idPrefix}${ordinal + 1}` }),
    scope,
    ...(subject === undefined ? {} : { subject }),
    kind,
    text,
    importance: shareIn(told['importance'], DEFAULT_SHARE),
    confidence: shareIn(told['confidence'], SURE),
    // What a model says was its own idea; what people and tools say, a model has put into words.
    trust: source.trust,
    ...timesOf(told['valid_from'], source),
    ...(slot === undefined ? {} : { slot }),
    provenance: { ...source.provenance, speaker: source.speaker },
  };
}

function kindIn(told: unknown, { kinds }: ExtractionBounds): MemoryKind | undefined {
  const name = String(told).trim().toLowerCase();
  const kind = memoryKinds.find((known) => known === name && known !== 'passage');
  // What a policy leaves out is left out; what is no kind at all is the most common one.
  if (kind !== undefined) return kinds.some((allowed) => allowed === kind) ? kind : undefined;
  return kinds.find((allowed) => allowed === 'fact') ?? kinds[0];
}

const TRUSTED: readonly Trust[] = ['model', 'tool', 'person'];

function sourceIn(told: unknown, { sources, fromNought }: ItemContext): ExtractionSource | undefined {
  const number = numberIn(told);
  const named = number === undefined ? undefined : sources[number - (fromNought ? 0 : 1)];
  if (named) return named;
  // Nobody's word is made more of than it may be.
  return sources.toSorted((one, other) => TRUSTED.indexOf(one.trust) - TRUSTED.indexOf(other.trust))[0];
}

function slotIn(told: unknown): string | undefined {
  if (typeof told !== 'string') return undefined;
  const slot = storable(told).replaceAll(/\s+/g, ' ').trim();
  return NOTHING.test(slot) || slot.length > LONGEST_SLOT || !/[\p{L}\p{N}]/u.test(slot) ? undefined : slot;
}

/** A share from 0 to 1, also where it was given out of ten or out of a hundred. */
function shareIn(told: unknown, otherwise: number): number {
  const number = numberIn(told);
  if (number === undefined || number < 0 || number > 100) return otherwise;
  if (number <= 1) return number;
  return number <= 10 ? number / 10 : number / 100;
}

function numberIn(told: unknown): number | undefined {
  const number = typeof told === 'string' && told.trim() !== '' ? Number(told.trim().replace(/%$/, '')) : told;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

/** When it was said, and since when it holds, where that was told and can be. */
function timesOf(told: unknown, { at }: ExtractionSource): Pick<NewMemory, 'validFrom' | 'saidAt'> {
  const from = typeof told === 'string' || typeof told === 'number' ? toldDate(String(told)) : undefined;
  return from === undefined || from === at ? { validFrom: at } : { validFrom: from, saidAt: at };
}
