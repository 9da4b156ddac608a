import { execFile } from 'node:child_process';
import { access, mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { z } from 'zod';

const run = promisify(execFile);

export const MEM0_VERSION = '3.3.1';
/** Peers: the client that its Redis store asks for, and what it imports even where nothing uses it. */
const PEERS = ['redis@4.7.1', 'better-sqlite3@12.6.2'];
const FOLDER = new URL(`../../.waymark/bench/mem0ai-${MEM0_VERSION}/`, import.meta.url);

/** The part of mem0's vector store port that is compared. */
export interface Mem0Store {
  initialize(): Promise<void>;
  insert(vectors: number[][], ids: string[], payloads: Record<string, unknown>[]): Promise<void>;
  search(query: number[], topK: number, filters: Record<string, string>): Promise<unknown>;
  close(): Promise<void>;
}

interface Mem0Module {
  readonly RedisDB: new (config: {
    readonly redisUrl: string;
    readonly collectionName: string;
    readonly embeddingModelDims: number;
  }) => Mem0Store;
}

const moduleSchema = z.custom<Mem0Module>(
  (loaded) =>
    typeof loaded === 'object' && loaded !== null && 'RedisDB' in loaded && typeof loaded.RedisDB === 'function',
);

/**
 * mem0's own code, installed at a pinned version into a folder that git ignores when it is first asked for, so that
 * nobody carries it who does not run this benchmark. Its telemetry is off before it is loaded.
 * @throws Error where it cannot be installed
 */
export async function loadMem0(): Promise<Mem0Module> {
  process.env['MEM0_TELEMETRY'] = 'false';
  const entry = new URL('node_modules/mem0ai/dist/oss/index.mjs', FOLDER);
  const present = await access(entry).then(
    () => true,
    () => false,
  );
  if (!present) await install();
  return moduleSchema.parse(await import(entry.href));
}

async function install(): Promise<void> {
  await mkdir(FOLDER, { recursive: true });
  await writeFile(new URL('package.json', FOLDER), '{"private":true}\n');
  const packages = [`mem0ai@${MEM0_VERSION}`, ...PEERS];
  const flags = ['--ignore-scripts', '--legacy-peer-deps', '--save-exact', '--no-audit', '--no-fund'];
  await run('npm', ['install', ...flags, ...packages], { cwd: fileURLToPath(FOLDER) });
}
