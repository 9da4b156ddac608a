/** A number with its word: `1 memory`, `2 memories`. */
export function count(number: number, one: string, many: string): string {
  return `${number} ${number === 1 ? one : many}`;
}
