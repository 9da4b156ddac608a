import { createHash } from 'node:crypto';

const LONGEST = 64;
const HASH_LENGTH = 8;

/** The name of a server's tool as the model sees it: snake case, begun with the server's name, at most 64 characters. */
export function toolNameOf(server: string, name: string): string {
  const snake = name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '');
  const full = `${server}_${snake}`;
  if (full.length <= LONGEST) return full;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, HASH_LENGTH);
  return `${full.slice(0, LONGEST - HASH_LENGTH - 1)}_${hash}`;
}
