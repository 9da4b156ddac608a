/** Where recorded histories are kept. */
export const HISTORIES = new URL('histories/', import.meta.url);
