import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';

/** The version in package.json, which lies one folder up in a checkout and two when built. */
export function packageVersion(): string {
  const files = ['../package.json', '../../package.json'].map((path) => new URL(path, import.meta.url));
  const file = files.find((candidate) => existsSync(candidate));
  if (!file) return 'unknown';
  return z.object({ version: z.string() }).parse(JSON.parse(readFileSync(file, 'utf8'))).version;
}
