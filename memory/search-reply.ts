/** One document of a search reply. */
export interface FoundDocument {
  readonly key: string;
  /** The text score; 0 where none was asked for. */
  readonly score: number;
  readonly fields: ReadonlyMap<string, Buffer>;
}

/** The door for `FT.SEARCH` replies in the shape of RESP2: a count, then key, score and fields of each document. */
export function parseSearchReply(reply: unknown, { withScores }: { readonly withScores: boolean }): FoundDocument[] {
  if (!Array.isArray(reply)) throw new TypeError('FT.SEARCH answered something else than a list');
  const stride = withScores ? 3 : 2;
  const documents: FoundDocument[] = [];
  for (let at = 1; at < reply.length; at += stride) {
    const fields: unknown = reply[at + stride - 1];
    // A document that expired or went between match and load comes without fields.
    if (!Array.isArray(fields)) continue;
    const score = withScores ? Number(textOf(reply[at + 1])) : 0;
    documents.push({ key: textOf(reply[at]), score, fields: parseFields(fields) });
  }
  return documents;
}

function parseFields(pairs: readonly unknown[]): Map<string, Buffer> {
  const fields = new Map<string, Buffer>();
  for (let at = 0; at + 1 < pairs.length; at += 2) {
    const value: unknown = pairs[at + 1];
    if (Buffer.isBuffer(value)) fields.set(textOf(pairs[at]), value);
  }
  return fields;
}

function textOf(value: unknown): string {
  return Buffer.isBuffer(value) ? value.toString('utf8') : '';
}
