/** Most characters of what an error says that anything looks at, before it is masked and cut for people. */
const LONGEST = 16_384;

/** What was thrown, in words, however it was made; of very long words the beginning. Never throws. */
export function errorWords(error: unknown): string {
  try {
    const words = error instanceof Error ? error.message : String(error);
    return String(words).slice(0, LONGEST).toWellFormed();
  } catch {
    return 'something was thrown that cannot be read';
  }
}

/** The stack of an error, of a very long one the beginning; empty where it has none. Never throws. */
export function errorStack(error: Error): string {
  try {
    return String(error.stack ?? '')
      .slice(0, LONGEST)
      .toWellFormed();
  } catch {
    return '';
  }
}
