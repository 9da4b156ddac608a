import { hash } from 'node:crypto';

/** Two texts of one slot are the same value when only case, spacing and the closing full stop differ. */
export function valueDigest(text: string): string {
  return digest(
    text
      .normalize('NFC')
      .toLowerCase()
      .replace(/\s+/g, ' ')
      .trim()
      .replace(/[.!]+$/, ''),
  );
}

/** Sixteen characters that stand for a text. */
export function digest(text: string): string {
  return hash('sha1', text, 'base64url').slice(0, 16);
}
