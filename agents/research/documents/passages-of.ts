import { createHash } from 'node:crypto';
import type { Passage } from '../../../contracts/documents.ts';
import { chunkText } from './chunk-text.ts';
import type { DocumentText } from './document-text.ts';

/** Characters of the neighbours that are searched beside a passage. */
const NEIGHBOUR = 200;

/** Tells one content of a file, and one way of cutting it, from another. */
export function contentDigest(bytes: Uint8Array): string {
  return createHash('sha256').update(FORMAT).update(bytes).digest('hex').slice(0, 32);
}

/** Raised when texts are read or cut in another way: every document is then taken in anew. */
const FORMAT = 'passages-1\n';

/** A document as passages, each with what stands around it: title, headings, and the ends of its neighbours. */
export function passagesOf(document: DocumentText): Passage[] {
  return chunkText(document).map(({ from, to, text, heading, place }, ordinal) => ({
    ordinal,
    text,
    heading,
    ...place,
    context: [
      [...(heading[0] === document.title ? [] : [document.title]), ...heading].join(' > '),
      document.text.slice(Math.max(from - NEIGHBOUR, 0), from).toWellFormed(),
      document.text.slice(to, to + NEIGHBOUR).toWellFormed(),
    ].join('\n'),
  }));
}
