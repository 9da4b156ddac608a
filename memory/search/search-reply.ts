/** The door for `FT.SEARCH` replies of keys with a distance each, in the shape of RESP2: key → similarity, nearest first. */
export function parseDistances(reply: unknown): Map<string, number> {
  const rows = rowsOf(reply);
  const found = new Map<string, number>();
  for (let at = 1; at + 1 < rows.length; at += 2) {
    const fields = rows[at + 1];
    // A document that expired or went between match and load comes without fields.
    if (!Array.isArray(fields)) continue;
    const distance: unknown = fields[fields.findIndex((name) => textOf(name) === 'distance') + 1];
    found.set(textOf(rows[at]), 1 - Number(textOf(distance)));
  }
  return found;
}

function rowsOf(reply: unknown): readonly unknown[] {
  if (!Array.isArray(reply)) throw new TypeError('FT.SEARCH answered something else than a list');
  return reply;
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return Buffer.isBuffer(value) ? value.toString('utf8') : '';
}
