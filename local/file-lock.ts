import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { identityOf, isAlive } from './process-identity.ts';
import { StackError } from './stack-error.ts';

const Holder = z.object({ pid: z.number(), startedAt: z.string().optional() });

const POLL_MS = 100;

/**
 * Runs `work` while this process alone holds the lock file. Waits for another holder, takes over from a dead one.
 *
 * @param options.path the lock file; its folder is created
 * @param options.waiting called once, with the holder's process id, when the lock has to be waited for
 * @param options.limitMs how long to wait before giving up; ten minutes by default
 */
export async function withFileLock<T>(
  options: { path: string; waiting?: (pid: number) => void; limitMs?: number },
  work: () => Promise<T>,
): Promise<T> {
  const { path, waiting, limitMs = 600_000 } = options;
  await mkdir(dirname(path), { recursive: true });
  // Linked into place whole, so that nobody ever reads a lock without its holder.
  const ours = `${path}.${randomUUID()}`;
  await writeFile(ours, JSON.stringify(identityOf(process.pid)));
  try {
    await acquire({ path, ours, limitMs, ...(waiting && { waiting }) });
  } finally {
    await rm(ours, { force: true });
  }
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

async function acquire(options: {
  path: string;
  ours: string;
  limitMs: number;
  waiting?: (pid: number) => void;
}): Promise<void> {
  const { path, ours, limitMs, waiting } = options;
  const deadline = Date.now() + limitMs;
  let told = false;
  for (;;) {
    if (await linked(ours, path)) return;
    const holder = await readHolder(path);
    if (holder && !isAlive(holder)) {
      await removeStale(path);
      continue;
    }
    if (holder && !told) {
      waiting?.(holder.pid);
      told = true;
    }
    if (Date.now() > deadline) {
      throw new StackError(
        `Waited ${Math.round(limitMs / 1000)} s for process ${holder?.pid ?? '(unknown)'}, which holds ${path}. ` +
          `End that process, or delete the file if it no longer runs.`,
      );
    }
    await delay(POLL_MS);
  }
}

async function removeStale(path: string): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
  } catch {
    return; // somebody else removed it
  }
  // Between reading and renaming, another process may have taken over: give its lock back.
  const holder = await readHolder(aside);
  if (holder && isAlive(holder)) await linked(aside, path);
  await rm(aside, { force: true });
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

async function readHolder(path: string): Promise<{ pid: number; startedAt?: string } | undefined> {
  try {
    const { pid, startedAt } = Holder.parse(JSON.parse(await readFile(path, 'utf8')));
    return startedAt === undefined ? { pid } : { pid, startedAt };
  } catch {
    return undefined;
  }
}
