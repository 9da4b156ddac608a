import type { Redis } from 'ioredis';
import { TIME_TO_LIVE, keys } from '../../contracts/keys.ts';
import type { ArtifactStore } from '../../contracts/projection.ts';
import { FailureType, failure } from '../../contracts/failures.ts';
import { packText, unpackText } from './packed-text.ts';
import { whileRedis } from '../redis/redis-failures.ts';

/** Large texts beside a transcript, packed, one key each. */
export function createArtifactStore(redis: Redis): ArtifactStore {
  return {
    async save(task, artifactId, text) {
      const packed = await packText(text);
      await whileRedis(redis, `save artifact ${artifactId} of ${task.taskId}`, () =>
        redis.set(keys.artifact(task, artifactId), packed, 'EX', TIME_TO_LIVE.artifact),
      );
    },
    async load(task, artifactId) {
      const key = keys.artifact(task, artifactId);
      const packed = await whileRedis(redis, `load artifact ${artifactId} of ${task.taskId}`, () =>
        redis.getBuffer(key),
      );
      return packed === null ? undefined : readArtifact(key, packed);
    },
  };
}

async function readArtifact(key: string, packed: Buffer): Promise<string> {
  try {
    return await unpackText(packed);
  } catch (error) {
    throw failure(FailureType.MemoryUnavailable, {
      message: `The artifact under ${key} cannot be read. Restore that key from a backup, or delete it: the task goes on without.`,
      cause: error,
    });
  }
}
