import { chmod, mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { StoredKey } from './api-key.ts';
import { storedKeys } from './api-key.ts';

/** The keys of a service. What is changed in its file holds for a running service within a second. */
export interface KeyRing {
  /** With `now`, as they are at this moment: a key that was just made is known at once. */
  keys(options?: { readonly now?: boolean }): Promise<readonly StoredKey[]>;
}

/** Keys cannot be read or changed; the message says what to do. */
export class KeyFileError extends Error {
  override readonly name = 'KeyFileError';
}

const LOOK_AGAIN_MS = 1_000;

/** Keys of a file, which may not be there yet, and of the environment. @throws KeyFileError for what is no list of keys */
export function openKeyRing({
  file,
  fixed = [],
}: {
  readonly file: string;
  /** Keys that stand in the environment. */
  readonly fixed?: readonly StoredKey[];
}): KeyRing {
  let read: { readonly version: string; readonly at: number; readonly keys: readonly StoredKey[] } | undefined;
  return {
    keys: async ({ now = false } = {}) => {
      if (read && !now && Date.now() - read.at < LOOK_AGAIN_MS) return read.keys;
      const version = await versionOf(file);
      const keys = version === read?.version ? read.keys : [...fixed, ...(await readKeyFile(file))];
      read = { version, at: Date.now(), keys };
      return keys;
    },
  };
}

/** @throws KeyFileError where the file is there and holds something else */
export async function readKeyFile(file: string): Promise<readonly StoredKey[]> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (isMissing(error)) return [];
    throw new KeyFileError(`The keys in ${file} cannot be read: ${String(error)}`, { cause: error });
  }
  return parseKeys(text, file);
}

/** Reads keys from JSON. @throws KeyFileError naming where they stand and what is wrong */
export function parseKeys(text: string, where: string): readonly StoredKey[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new KeyFileError(`${where} is not JSON. Mend it, or make keys anew with \`waymark serve keys create\`.`, {
      cause: error,
    });
  }
  const parsed = storedKeys.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
  throw new KeyFileError(`${where} is no list of keys (${problems}). Make keys with \`waymark serve keys create\`.`);
}

/** Replaces the file as a whole, readable by its owner only. */
export async function writeKeyFile(file: string, keys: readonly StoredKey[]): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const fresh = `${file}.${process.pid}.new`;
  await writeFile(fresh, `${JSON.stringify(keys, undefined, 2)}\n`, { mode: 0o600 });
  await chmod(fresh, 0o600);
  await rename(fresh, file);
}

async function versionOf(file: string): Promise<string> {
  try {
    const { mtimeMs, ino, size } = await stat(file);
    return `${mtimeMs} ${ino} ${size}`;
  } catch (error) {
    if (isMissing(error)) return 'missing';
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
