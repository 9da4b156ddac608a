/** Characters of a token of prose in an alphabet; models for single languages, and codes, have fewer. */
const LETTERS_A_TOKEN = 3;
/** Scripts of syllables and signs, which have a token or more each. */
const SIGNS =
  /[\u0E00-\u0FFF\u1000-\u109F\u1780-\u17FF\u2E80-\u9FFF\uAC00-\uD7AF\uF900-\uFAFF\uFF00-\uFFEF]|[\u{10000}-\u{10FFFF}]/u;

/**
 * The beginning of a text that surely has at most so many tokens, whatever the model counts by, cut between two words
 * where there are any. What a model of 512 tokens would refuse, it then reads the beginning of.
 */
export function cutToTokens(text: string, most: number): string {
  // No character is less than a third of a token: most texts are known to fit by their length.
  if (text.length <= most) return text;
  let tokens = 0;
  let end = 0;
  for (const character of text) {
    tokens += SIGNS.test(character) ? 1 : 1 / LETTERS_A_TOKEN;
    if (tokens > most) break;
    end += character.length;
  }
  if (end >= text.length) return text;
  const head = text.slice(0, end);
  const space = head.search(/\s\S*$/u);
  return space > end / 2 ? head.slice(0, space) : head;
}
