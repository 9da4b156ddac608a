import { everywhere, memoryKinds } from '../../contracts/memory.ts';
import type { Reader } from '../../contracts/memory-query.ts';
import type { AskedScope, MemoryKind } from '../../contracts/memory.ts';
import { tagOf } from '../record/memory-tags.ts';
import type { Viewer } from '../record/memory-tags.ts';

/** Stands where a memory has no end: later than every date, and still exact as a number of the search module. */
export const NO_END = 253_402_300_799_999;

/** So far the clocks of two workers may be apart: what one has just written, the other recalls at once. */
const CLOCKS_APART_MS = 60_000;

/** A query in the search module's language, and the values it refers to. */
export interface SearchQuery {
  readonly text: string;
  readonly parameters: readonly (readonly [name: string, value: string | number | Buffer])[];
}

/** Which memories are looked at, whatever is asked of them. Times in milliseconds. */
export interface MemoryFilter {
  /** Default: every scope. */
  readonly scopes?: readonly AskedScope[] | undefined;
  readonly kinds?: readonly MemoryKind[] | undefined;
  readonly subject?: string | undefined;
  /** `nobody`: shared memories only. Default: the store itself, which sees all. */
  readonly reader?: Reader | 'nobody' | undefined;
  /** Only what exactly these see: everybody, or one owner. */
  readonly audience?: 'shared' | { readonly privateTo: string } | undefined;
  /** Only what holds at this moment: it has begun, and has not ended. */
  readonly holdsAt?: number | undefined;
  /** Only what has not ended at this moment, whether or not it has begun. */
  readonly openAt?: number | undefined;
  /** Only what was neither superseded nor closed. */
  readonly openEnded?: boolean | undefined;
  /** Only what was true at `at`, as far as it was known at `knownAt`. */
  readonly validAt?: { readonly at: number; readonly knownAt?: number | undefined } | undefined;
  /** Only what became true within this range, both ends included. */
  readonly between?: { readonly from?: number | undefined; readonly to?: number | undefined } | undefined;
  readonly where?: Readonly<Record<string, string | number | boolean>> | undefined;
  /** Only what has no vector and is to be given one. */
  readonly unembedded?: boolean | undefined;
  /** Only what has an end that is known. */
  readonly ending?: boolean | undefined;
}

/**
 * The one place where values meet query syntax, and they only ever do so by name: inside a TAG clause an unescaped
 * `.` or `+` would silently match another id, as a parameter every character stands for itself.
 */
export function filterQuery(filter: MemoryFilter): SearchQuery {
  const { openEnded, where = {}, unembedded, ending } = filter;
  const clauses = [...grantClauses(filter), ...timeClauses(filter)];
  if (openEnded) clauses.push({ text: '-@valid_to:[-inf +inf]', parameters: [] });
  if (ending) clauses.push({ text: '@live_until:[-inf ($no_end]', parameters: [['no_end', NO_END]] });
  if (unembedded) clauses.push(anyOf('unembedded', [tagOf.unembedded]), not(anyOf('refused', [tagOf.refused])));
  Object.entries(where).forEach(([field, value], at) => clauses.push(anyOf(`where_${at}`, [tagOf.data(field, value)])));
  // Negated clauses alone find nothing; every memory was created.
  return clauses.some(({ text }) => !text.startsWith('-')) ? joined(clauses) : joined([CREATED, ...clauses]);
}

const CREATED: SearchQuery = { text: '@created:[-inf +inf]', parameters: [] };

/** What is asked for, of what the reader may see: the shared and its own private memories of what it was granted. */
function grantClauses({ scopes, kinds, subject, reader, audience }: MemoryFilter): SearchQuery[] {
  const granted: Partial<Reader> = typeof reader === 'object' ? reader : {};
  const wanted =
    kinds && granted.kinds ? kinds.filter((kind) => granted.kinds?.includes(kind)) : (kinds ?? granted.kinds);
  const subjects = [subject, granted.subject].filter((one) => one !== undefined);
  return [
    ...readsClauses(withinGrant(scopes, granted.scopes), viewersOf(reader, audience)),
    ...(wanted ? kindClauses(wanted) : []),
    ...[...new Set(subjects)].map((one, at) => anyOf(`subject_${at}`, [tagOf.subject(one)])),
  ];
}

/** The store itself sees all there is, without a word. */
function readsClauses(scopes: readonly AskedScope[] | undefined, viewers: readonly Viewer[]): SearchQuery[] {
  if (scopes === undefined && viewers.includes('the store')) return [];
  const reads = (scopes ?? everywhere).flatMap((scope) => viewers.map((viewer) => tagOf.readBy(scope, viewer)));
  return [anyOf('reads', reads)];
}

/** Ruling out the few that are not asked for costs less than looking among the many that are. */
function kindClauses(kinds: readonly MemoryKind[]): SearchQuery[] {
  const others = memoryKinds.filter((kind) => !kinds.includes(kind));
  if (others.length === 0) return [];
  if (others.length >= kinds.length) return [anyOf('kind', kinds.map(tagOf.kind))];
  return [not(anyOf('other_kind', others.map(tagOf.kind)))];
}

function viewersOf(reader: MemoryFilter['reader'], audience: MemoryFilter['audience']): readonly Viewer[] {
  const seen: readonly Viewer[] =
    reader === 'nobody' ? ['everybody'] : ['everybody', reader === undefined ? 'the store' : { owner: reader.name }];
  if (!audience) return seen;
  if (audience === 'shared') return ['everybody'];
  const { privateTo: owner } = audience;
  return reader === undefined || (typeof reader === 'object' && reader.name === owner) ? [{ owner }] : [];
}

/** The scopes that are asked for and granted. */
function withinGrant(
  asked: readonly AskedScope[] | undefined,
  granted: readonly AskedScope[] | undefined,
): readonly AskedScope[] | undefined {
  if (!asked || !granted) return asked ?? granted;
  return asked.flatMap((scope) => granted.flatMap((grant) => common(scope, grant)));
}

/** What two have in common: the narrower one, if any. */
function common(one: AskedScope, other: AskedScope): readonly AskedScope[] {
  if (one.scope !== other.scope) return [];
  if ('every' in one) return [other];
  return 'every' in other || one.id === other.id ? [one] : [];
}

function timeClauses({ holdsAt, openAt = holdsAt, validAt, between }: MemoryFilter): SearchQuery[] {
  const clauses: SearchQuery[] = [];
  // Ruling out the few that ended, or begin later, costs less than listing nearly all: 2.5 instead of 6 ms among 100,000.
  if (openAt !== undefined) {
    clauses.push({ text: '-@live_until:[-inf $open_at]', parameters: [['open_at', openAt]] });
  }
  if (holdsAt !== undefined) {
    clauses.push({ text: '-@valid_from:[($begun_by +inf]', parameters: [['begun_by', holdsAt + CLOCKS_APART_MS]] });
  }
  if (between) {
    const { from = 0, to = NO_END } = between;
    clauses.push({
      text: '@valid_from:[$between_from $between_to]',
      parameters: [
        ['between_from', from],
        ['between_to', to],
      ],
    });
  }
  return validAt ? [...clauses, ...validClauses(validAt)] : clauses;
}

/** True at a time: begun, and not yet ended, or not yet known to have ended. */
function validClauses({ at, knownAt }: NonNullable<MemoryFilter['validAt']>): SearchQuery[] {
  const begun: SearchQuery = { text: '@valid_from:[-inf $valid_at]', parameters: [['valid_at', at]] };
  if (knownAt === undefined) return [begun, { text: '-@valid_to:[-inf $valid_at]', parameters: [] }];
  const known = '@created:[-inf $known_at] -(@valid_to:[-inf $valid_at] @ended:[-inf $known_at])';
  return [begun, { text: known, parameters: [['known_at', knownAt]] }];
}

/** The filter, and any of these words, in the texts alone or in their surroundings too. */
export function wordsQuery(filter: SearchQuery, terms: readonly string[], where: 'text' | 'window'): SearchQuery {
  const names = terms.map((_, index) => `$word_${index}`).join('|');
  const words = {
    text: where === 'text' ? `@text|words:(${names})` : `(${names})`,
    parameters: terms.map((term, index) => [`word_${index}`, term] as const),
  };
  return joined([filter, words]);
}

/**
 * The `count` memories nearest to a vector among those the filter lets through; the distance comes as `distance`.
 * `narrow`: the filter lets few through, so that only their vectors are looked at, whatever the module estimates.
 * `attribute`: the index's name of the vectors, by default that of a tenant's first model. `candidates`: how many a graph
 * of vectors keeps in view; the module's own 10 would be fewer than are asked for.
 */
export function nearestQuery(
  filter: SearchQuery,
  vector: Buffer,
  count: number,
  options: { readonly narrow?: boolean; readonly attribute?: string; readonly candidates?: number | undefined } = {},
): SearchQuery {
  const { narrow = false, attribute = 'vector', candidates } = options;
  const width = candidates === undefined ? '' : ` EF_RUNTIME ${candidates}`;
  const policy = narrow ? ' HYBRID_POLICY ADHOC_BF' : width;
  return {
    text: `(${filter.text})=>[KNN ${count} @${attribute} $vector${policy} AS distance]`,
    parameters: [...filter.parameters, ['vector', vector]],
  };
}

/** The arguments that carry a query's values. */
export function parameterArguments({ parameters }: SearchQuery): (string | number | Buffer)[] {
  const given = parameters.length === 0 ? [] : ['PARAMS', parameters.length * 2, ...parameters.flat()];
  return [...given, 'DIALECT', 2];
}

function anyOf(name: string, values: readonly string[]): SearchQuery {
  const distinct = [...new Set(values)];
  // Nothing granted is nothing found; an empty clause would be a syntax error.
  if (distinct.length === 0) return { text: '@created:[(+inf +inf]', parameters: [] };
  const names = distinct.map((_, index) => `$${name}_${index}`);
  return {
    text: `@tags:{${names.join('|')}}`,
    parameters: distinct.map((value, index) => [`${name}_${index}`, value] as const),
  };
}

function not({ text, parameters }: SearchQuery): SearchQuery {
  return { text: `-${text}`, parameters };
}

function joined(queries: readonly SearchQuery[]): SearchQuery {
  return {
    text: queries.map(({ text }) => text).join(' '),
    parameters: queries.flatMap(({ parameters }) => parameters),
  };
}
