import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { withFileLock } from './file-lock.ts';

const Process = z.object({ pid: z.number(), startedAt: z.string().exactOptional() });

const TemporalRecord = z.object({
  address: z.string(),
  namespace: z.string(),
  uiUrl: z.string().exactOptional(),
  version: z.string(),
  source: z.string(),
  /** The server itself. */
  server: Process,
  /** The process that started it and will end it. */
  owner: Process,
});

const RedisRecord = z.object({
  url: z.string(),
  version: z.string(),
  source: z.string(),
  server: Process,
  owner: Process,
});

const StackState = z.object({
  temporal: TemporalRecord.exactOptional(),
  redis: RedisRecord.exactOptional(),
  /** Ports of the last run, used again where they are free, so that addresses stay valid. */
  ports: z.object({
    temporal: z.number().exactOptional(),
    temporalUi: z.number().exactOptional(),
    redis: z.number().exactOptional(),
  }),
  /** Facts noted by callers; each is true for as long as the process that noted it lives. */
  facts: z.record(z.string(), z.object({ value: z.string(), by: Process })),
});

/** What `stack.json` says of a Temporal server that was started for this data folder. */
export type TemporalRecord = z.infer<typeof TemporalRecord>;

/** What `stack.json` says of a Redis server that was started for this data folder. */
export type RedisRecord = z.infer<typeof RedisRecord>;

/** The content of `stack.json`. It is a hint: what it names may be gone. */
export type StackState = z.infer<typeof StackState>;

/** Reads `stack.json`; a missing or unreadable one says nothing. */
export async function readState(dataDir: string): Promise<StackState> {
  try {
    return StackState.parse(JSON.parse(await readFile(stateFile(dataDir), 'utf8')));
  } catch {
    return { ports: {}, facts: {} };
  }
}

/** Replaces `stack.json` as a whole; only for holders of {@link withStackLock}. */
export async function writeState(dataDir: string, state: StackState): Promise<void> {
  await mkdir(dataDir, { recursive: true });
  const next = `${stateFile(dataDir)}.next`;
  await writeFile(next, `${JSON.stringify(state, undefined, 2)}\n`, { mode: 0o600 });
  await rename(next, stateFile(dataDir));
}

/** Runs `work` while no other process starts, ends or notes anything in this data folder. */
export function withStackLock<T>(
  options: { dataDir: string; waiting?: (pid: number) => void },
  work: () => Promise<T>,
): Promise<T> {
  const { dataDir, waiting } = options;
  return withFileLock({ path: join(dataDir, 'stack.lock'), ...(waiting && { waiting }) }, work);
}

function stateFile(dataDir: string): string {
  return join(dataDir, 'stack.json');
}
