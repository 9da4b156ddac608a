import type { JsonObject } from '../../contracts/json.ts';
import type { CallWords, OwnWords } from '../../contracts/own-words.ts';

/** A text that is JSON, without secrets, and JSON still. */
type MaskedJson = (text: string) => string;

/** A server's own words of an answer, without secrets. */
export function maskedOwnWords(words: OwnWords | undefined, masked: MaskedJson): OwnWords | undefined {
  return words?.fields === undefined ? words : { ...words, fields: maskedFields(words.fields, masked) };
}

/** A server's own words of a call, without secrets. */
export function maskedCallWords(words: CallWords | undefined, masked: MaskedJson): CallWords | undefined {
  return words?.fields === undefined ? words : { ...words, fields: maskedFields(words.fields, masked) };
}

function maskedFields(fields: JsonObject, masked: MaskedJson): JsonObject {
  return JSON.parse(masked(JSON.stringify(fields)));
}
