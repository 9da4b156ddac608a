import { setTimeout as delay } from 'node:timers/promises';
import { isAlive } from './process-identity.ts';
import { askRedis } from './redis-answers.ts';
import { StackError } from './stack-error.ts';
import type { RedisRecord, TemporalRecord } from './stack-state.ts';
import { askTemporal } from './temporal-answers.ts';

/** How long a server may take to end after its owner, before it is ended from here. */
const ORPHAN_ENDS_WITHIN_MS = 20_000;

/** Whether the recorded server is there: its own process and its owner's live, and it answers. */
export async function temporalIsLive(record: TemporalRecord): Promise<boolean> {
  if (!isAlive(record.owner) || !isAlive(record.server)) return false;
  try {
    await askTemporal({ connection: { address: record.address }, namespace: record.namespace });
    return true;
  } catch {
    return false;
  }
}

/** Whether the recorded server is there: its own process and its owner's live, and it answers with that process id. */
export async function redisIsLive(record: RedisRecord): Promise<boolean> {
  if (!isAlive(record.owner) || !isAlive(record.server)) return false;
  try {
    return (await askRedis(record.url)).pid === record.server.pid;
  } catch {
    return false;
  }
}

/**
 * Waits until a recorded server that cannot be used is gone, so that two servers never share one set of files. A
 * server outlives its owner only for the moment in which its guardian ends it; one that stays is ended here.
 */
export async function untilGone(record: TemporalRecord | RedisRecord): Promise<void> {
  const { server, owner } = record;
  const deadline = Date.now() + ORPHAN_ENDS_WITHIN_MS;
  while (isAlive(server) && Date.now() < deadline) await delay(50);
  if (isAlive(server) && isAlive(owner)) {
    throw new StackError(
      `A server of this data folder (process ${server.pid}, started by process ${owner.pid}) is alive and does not ` +
        `answer. End process ${owner.pid} and try again.`,
    );
  }
  for (let tries = 0; isAlive(server) && tries < 100; tries += 1) {
    process.kill(server.pid, 'SIGKILL');
    await delay(50);
  }
}
