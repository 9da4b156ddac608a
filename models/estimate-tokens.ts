/** About how many tokens a text has, at four characters a token: for where nobody counted them. */
export function estimateTokens(text: string): number {
  return Math.ceil(text.length / 4);
}
