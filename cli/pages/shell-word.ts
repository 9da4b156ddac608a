/** A value as one word of a command line that can be copied. */
export function shellWord(value: string): string {
  if (/^[\w@%+=:,./-]+$/u.test(value)) return value;
  return `'${value.replaceAll("'", String.raw`'\''`)}'`;
}
