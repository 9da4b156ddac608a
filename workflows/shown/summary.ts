/** Temporal takes a summary of 400 bytes; a character has up to three a UTF-16 unit. */
const LONGEST_SUMMARY = 120;

/** A line for the UI, short enough for Temporal. */
export function summaryOf(text: string): string {
  const flat = text.replaceAll(/\s+/g, ' ').trim();
  return flat.length > LONGEST_SUMMARY ? `${flat.slice(0, LONGEST_SUMMARY).toWellFormed()}…` : flat;
}
