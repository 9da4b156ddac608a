import { createHash } from 'node:crypto';

const LONGEST = 64;
const HASH_LENGTH = 8;

/**
 * The name of a server's tool as the model sees it: snake case, at most 64 characters.
 * @param server begins the name; absent where tools keep their own names
 */
export function toolNameOf(server: string | undefined, name: string): string {
  const snake = snakeOf(name);
  // What has no letter or digit of ours at its beginning needs another beginning.
  const full = [server ?? (/^[a-z]/.test(snake) ? undefined : 'tool'), snake].filter(Boolean).join('_');
  return snake === '' || full.length > LONGEST ? withHash(full, name) : full;
}

/**
 * Names for all tools of a server. Where several would get the same name, only one that is written so keeps it, and each
 * other ends with a print of its own: all can be told apart, and a name never passes from one tool to another.
 * @param names the server's own, each once
 */
export function toolNamesOf(server: string | undefined, names: readonly string[]): ReadonlyMap<string, string> {
  const wanted = new Map(names.map((name) => [name, toolNameOf(server, name)]));
  const isTwin = (named: string): boolean => [...wanted.values()].filter((other) => other === named).length > 1;
  return new Map(
    [...wanted].map(([name, named]) => [name, isTwin(named) && name !== snakeOf(name) ? withHash(named, name) : named]),
  );
}

function snakeOf(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_|_$/g, '');
}

function withHash(full: string, name: string): string {
  const hash = createHash('sha256').update(name).digest('hex').slice(0, HASH_LENGTH);
  return `${full.slice(0, LONGEST - HASH_LENGTH - 1)}_${hash}`;
}
