/**
 * A short fingerprint of a text, the same on every worker: two texts with the same one are taken for the same. 53 bits
 * of a multiplicative hash; it guards against repetition, not against an attacker.
 */
export function fingerprint(text: string): string {
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    high = Math.imul(high ^ code, 2654435761);
    low = Math.imul(low ^ code, 1597334677);
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  return (4294967296 * (2097151 & low) + (high >>> 0)).toString(36);
}

/** The fingerprint of a call: of its name and its arguments, whatever order and spacing they were written in. */
export function callFingerprint(name: string, rawArguments: string): string {
  return fingerprint(`${name} ${canonical(rawArguments)}`);
}

function canonical(rawArguments: string): string {
  try {
    return JSON.stringify(sorted(JSON.parse(rawArguments.trim() === '' ? '{}' : rawArguments)));
  } catch {
    return rawArguments;
  }
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(entries.map(([name, inner]) => [name, sorted(inner)]));
}
