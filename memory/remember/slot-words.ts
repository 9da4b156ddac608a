/**
 * What a slot says about its memory, in words: `home city`. Nothing where it is a name that is made up by rule, such as
 * `progress:import`: these hold a `:`.
 */
export function slotWords(slot: string | undefined): string {
  return slot === undefined || isMadeUp(slot) ? '' : slot;
}

/**
 * One name for a slot however it is written: `Home City`, `home_city`, `homeCity` and `the home-city ` are one. A name
 * that is made up by rule stays as it is.
 */
export function slotName(slot: string): string {
  if (isMadeUp(slot)) return slot;
  const words = slot
    .normalize('NFKC')
    .replaceAll(/(?<=\p{Ll})(?=\p{Lu}\p{Ll})/gu, ' ')
    .toLowerCase()
    .replaceAll(/[\s_\-‐-―./]+/gu, ' ')
    .trim();
  return words.replace(/^(the|a|an) (?=\S)/u, '') || slot.trim();
}

function isMadeUp(slot: string): boolean {
  return slot.includes(':');
}

/**
 * What is embedded of a memory. A value seldom says what it is a value of: "She moved to Porto" is nearer to "Where does she
 * live?" as "home city: She moved to Porto".
 */
export function textToEmbed({ slot, text }: { readonly slot?: string | undefined; readonly text: string }): string {
  const about = slotWords(slot);
  return about === '' ? text : `${about}: ${text}`;
}
