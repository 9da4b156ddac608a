import { readFile } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { CommandError, UsageError } from '../command-error.ts';

/**
 * Reads a value that is given as JSON, as a file of JSON, or as `-` for standard input.
 * @throws CommandError naming the file or the place in the JSON
 */
export async function readJson(given: string, { what, stdin }: { what: string; stdin: Readable }): Promise<unknown> {
  if (given === '-') return parse(await text(stdin), `${what} from standard input`);
  if (/^\s*[[{"]/u.test(given)) return parse(given, what);
  return parse(await readText(given, what), given);
}

async function readText(file: string, what: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    const reason = missing ? 'there is no such file' : String(error);
    throw new CommandError(
      `The ${what} ${file} cannot be read: ${reason}. Give a file, JSON, or - for standard input.`,
    );
  }
}

function parse(json: string, from: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CommandError(`The ${from} is not valid JSON: ${reason}.`);
  }
}

/** Replaces `${NAME}` in every string by what the running stack has noted under that name; other names stay. */
export function fillPlaceholders(value: unknown, facts: Readonly<Record<string, string>>): unknown {
  if (typeof value === 'string')
    return value.replaceAll(/\$\{([A-Z][A-Z_]*)\}/gu, (whole, name: string) => facts[name] ?? whole);
  if (Array.isArray(value)) return value.map((item) => fillPlaceholders(item, facts));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, fillPlaceholders(item, facts)]));
}

/** Sets `path=value` pairs in an object; a value that is JSON is taken as such, anything else as text. @throws UsageError */
export function setPaths(value: unknown, pairs: readonly string[]): unknown {
  return pairs.reduce(setPath, value);
}

function setPath(value: unknown, pair: string): unknown {
  const at = pair.indexOf('=');
  const path = at < 1 ? [] : pair.slice(0, at).split('.');
  if (path.length === 0 || path.includes('')) {
    throw new UsageError(`--set "${pair}" is not path=value, e.g. --set contact.name=Mira.`);
  }
  return withPath(value, path, looseJson(pair.slice(at + 1)));
}

function withPath(value: unknown, [name, ...rest]: readonly string[], leaf: unknown): unknown {
  if (name === undefined) return leaf;
  if (Array.isArray(value) && /^\d+$/u.test(name)) {
    const items: unknown[] = [...value];
    items[Number(name)] = withPath(items[Number(name)], rest, leaf);
    return items;
  }
  const entries = typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
  const old = entries.find(([key]) => key === name)?.[1];
  // From entries, so that a name such as `__proto__` is a field like any other.
  return Object.fromEntries([...entries.filter(([key]) => key !== name), [name, withPath(old, rest, leaf)]]);
}

function looseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
