import type { Json, JsonObject } from '../contracts/json.ts';
import type { RequestedCall } from '../contracts/language-model.ts';
import type { OwnWords } from '../contracts/own-words.ts';
import { isPlainThought, MOST_OWN_WORDS_BYTES } from '../contracts/own-words.ts';
import type { ModelTarget } from './model-target.ts';

const LONGEST_SPEAKER = 200;

/** Who answers, as {@link OwnWords} name them: a server, without credentials, and a model of it. */
export function speakerOf({ baseURL, model }: Pick<ModelTarget, 'baseURL' | 'model'>): string {
  const address = URL.canParse(baseURL) ? new URL(baseURL) : undefined;
  const place = address === undefined ? baseURL : `${address.host}${address.pathname.replace(/\/$/, '')}`;
  return `${place} ${model}`.slice(0, LONGEST_SPEAKER).toWellFormed();
}

/**
 * An answer's own words within their bound: those of the calls first, then the fields of the message, the smallest first.
 * Of thoughts in plain text that do not fit the beginning is kept; anything else goes back whole or not at all.
 */
export function ownWordsOf({ by, calls, fields = {} }: Said): Bounded {
  let room = MOST_OWN_WORDS_BYTES;
  const take = (value: Json): boolean => {
    const bytes = Buffer.byteLength(JSON.stringify(value));
    const fits = bytes <= room;
    if (fits) room -= bytes;
    return fits;
  };
  const bounded = calls.map((call) => {
    const { id, fields: own } = call.words ?? {};
    const words = { ...(isId(id) ? { id } : {}), ...(own !== undefined && take(own) ? { fields: own } : {}) };
    const { words: _all, ...rest } = call;
    return Object.keys(words).length === 0 ? rest : { ...rest, words };
  });
  const kept: JsonObject = {};
  for (const [name, value] of bySize(fields)) {
    if (take({ [name]: value })) kept[name] = value;
    else if (isPlainThought(name, value)) kept[name] = cut(value, room - name.length - BESIDE_A_TEXT);
  }
  const isSilent = Object.keys(kept).length === 0;
  if (isSilent && bounded.every((call) => !('words' in call))) return { calls: bounded };
  return { calls: bounded, words: isSilent ? { by } : { by, fields: kept } };
}

interface Said {
  readonly by: string;
  readonly calls: readonly RequestedCall[];
  readonly fields: JsonObject | undefined;
}

interface Bounded {
  readonly calls: readonly RequestedCall[];
  /** Absent where there are none. */
  readonly words?: OwnWords;
}

const LONGEST_ID = 256;
const BESIDE_A_TEXT = 16;

/** An id that is no name but a text is not kept. */
function isId(id: string | undefined): id is string {
  return id !== undefined && id !== '' && id.length <= LONGEST_ID;
}

function bySize(fields: JsonObject): [string, Json][] {
  const size = (value: Json): number => JSON.stringify(value).length;
  return Object.entries(fields).toSorted(([, one], [, other]) => size(one) - size(other));
}

/** A text that takes at most so many bytes as JSON, whatever it is made of. */
function cut(text: string, bytes: number): string {
  const whole = text.slice(0, Math.max(bytes, 0));
  const share = bytes / Math.max(Buffer.byteLength(JSON.stringify(whole)), 1);
  return whole.slice(0, Math.floor(whole.length * Math.min(share, 1))).toWellFormed();
}
