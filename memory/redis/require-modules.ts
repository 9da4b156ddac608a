import type { Redis } from 'ioredis';
import { keys } from '../../contracts/keys.ts';
import { DEFAULT_TENANT } from '../../contracts/ids.ts';

const UNKNOWN_COMMAND = /unknown command/i;

/**
 * Asks for one command of each module that is needed. Any answer will do, and so will a refusal of it: only a server
 * that does not know the command lacks the module.
 * @throws the server's own error where it does not know one, or does not answer at all
 */
export async function requireModules(redis: Redis): Promise<void> {
  await redis.ping();
  await redis.call('FT.INFO', keys.memoryIndex(DEFAULT_TENANT)).catch(unlessKnown);
  await redis.call('JSON.TYPE', keys.memoryMeta(DEFAULT_TENANT)).catch(unlessKnown);
}

function unlessKnown(error: unknown): void {
  if (error instanceof Error && UNKNOWN_COMMAND.test(error.message)) throw error;
}
