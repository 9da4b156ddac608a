/** About how many tokens a text of so many characters has, at four a token: for where nobody counted them. */
export function estimateTokens(text: string | number): number {
  return Math.ceil((typeof text === 'string' ? text.length : text) / 4);
}
