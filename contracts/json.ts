/** What survives JSON: the only kind of value that crosses a boundary of Waymark. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** A JSON object. */
export type JsonObject = { [key: string]: Json };

/** A moment as an ISO 8601 string in UTC, e.g. `2026-11-23T15:24:00.000Z`. */
export type IsoTime = string;

/** A JSON Schema document, as tools and agents describe their values to a model. */
export type JsonSchema = { [key: string]: unknown };

/** Is this an object, and no list? */
export function isObject(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
