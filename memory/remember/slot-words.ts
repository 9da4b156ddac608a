/**
 * What a slot says about its memory, in words: `home city`. Nothing where it is a name that is made up by rule, such as
 * `progress:import`: these hold a `:`.
 */
export function slotWords(slot: string | undefined): string {
  return slot === undefined || slot.includes(':') ? '' : slot;
}

/**
 * What is embedded of a memory. A value seldom says what it is a value of: "She moved to Porto" is nearer to "Where does she
 * live?" as "home city: She moved to Porto".
 */
export function textToEmbed({ slot, text }: { readonly slot?: string | undefined; readonly text: string }): string {
  const about = slotWords(slot);
  return about === '' ? text : `${about}: ${text}`;
}
