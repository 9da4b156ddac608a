import type { JsonObject } from './json.ts';

/**
 * What a server said of an answer beside its text and its calls (thoughts, signatures, fields that no other server
 * knows), as it came. It goes back to the same model at the same server, which may demand it, and to nobody else: not
 * to another model, into no summary and to no person.
 */
export interface OwnWords {
  /** Who said it: the address of the server without credentials, and the model that was asked. */
  readonly by: string;
  /** Of the message. */
  readonly fields?: JsonObject;
}

/** What a server said of one call of an answer. */
export interface CallWords {
  /** By what the server itself calls it. */
  readonly id?: string;
  readonly fields?: JsonObject;
}

/** Most bytes of an answer's own words that are kept, as JSON: the history and every prompt that shows it carry them. */
export const MOST_OWN_WORDS_BYTES = 65_536;

/** Is this field of a message its thoughts in plain text? It may be cut, which no signed or encrypted one may. */
export function isPlainThought(name: string, value: unknown): value is string {
  return typeof value === 'string' && /^(?:reasoning|thinking|thought)/.test(name) && !/signature|encrypted/.test(name);
}
