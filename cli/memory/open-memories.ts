import type { Redis } from 'ioredis';
import type { EmbeddingModel } from '../../contracts/embedding-model.ts';
import { DEFAULT_TENANT } from '../../contracts/ids.ts';
import { keys } from '../../contracts/keys.ts';
import { ensureEmbeddingModel } from '../../local/index.ts';
import { openMemory, whileRedis } from '../../memory/index.ts';
import type { MemoryCare, RedisMemoryStore } from '../../memory/index.ts';
import { LOCAL_EMBEDDINGS } from '../../models/index.ts';
import type { Config, EmbeddingSetting } from '../../worker/index.ts';
import { openEmbeddingModel } from '../../worker/models.ts';
import type { Session } from '../session.ts';
import { CommandError } from '../command-error.ts';
import type { Sighting } from '../reaching/surroundings.ts';
import { lookAround } from '../reaching/surroundings.ts';

/** The memories of one tenant, for one command. */
export interface OpenMemories {
  readonly tenant: string;
  readonly redis: Redis;
  readonly store: RedisMemoryStore;
  readonly care: MemoryCare;
  readonly surroundings: Sighting;
  /**
   * Whether the tenant has, or had, memories. Asked before a search: a search creates the index and binds the tenant to
   * this embedding model.
   */
  readonly begun: () => Promise<boolean>;
}

/** Connects, works, and closes whatever happens. The embedding model is opened by the first text it is given. */
export async function withMemories<Result>(
  session: Session,
  { tenant = session.tenant ?? DEFAULT_TENANT }: { readonly tenant?: string | undefined },
  work: (memories: OpenMemories) => Promise<Result>,
): Promise<Result> {
  const surroundings = await lookAround(session.env);
  const { config, redisUrl } = surroundings;
  if (redisUrl === undefined) {
    throw new CommandError('Redis cannot be found. Start everything with `waymark up`, or set REDIS_URL.');
  }
  const memory = await openMemory({
    redisUrl,
    embedder: embedderOf(config.embeddings, config, session),
    otherEmbedders: config.otherEmbeddings.map((setting) => embedderOf(setting, config, session)),
  });
  const { redis, care, memories: store } = memory;
  const begun = (): Promise<boolean> => hasMemories(redis, tenant);
  try {
    return await work({ tenant, redis, store, care, surroundings, begun });
  } finally {
    await memory.close();
  }
}

/** Whether a tenant has, or had, memories; see {@link OpenMemories.begun} for why one asks before a search. */
export async function hasMemories(redis: Redis, tenant: string): Promise<boolean> {
  return whileRedis(redis, `look for the memories of tenant "${tenant}"`, async () => {
    return (await redis.exists(keys.memoryMeta(tenant))) === 1;
  });
}

/** An embedding model that is opened by the first text: most commands embed nothing, and the local one takes a second. */
export function embedderOf(
  embeddings: EmbeddingSetting,
  { dataDir, model, modelServers }: Pick<Config, 'dataDir' | 'model' | 'modelServers'>,
  { env, say }: Pick<Session, 'env' | 'say'>,
): EmbeddingModel {
  const { name, dimensions } =
    embeddings.kind === 'local' ? LOCAL_EMBEDDINGS : { name: embeddings.model, dimensions: embeddings.dimensions };
  let opened: Promise<EmbeddingModel> | undefined;
  const embed: EmbeddingModel['embed'] = async (texts) => {
    opened ??= openEmbeddingModel({ embeddings, model, modelServers }, () =>
      ensureEmbeddingModel({ dataDir, env, say }),
    );
    return (await opened).embed(texts);
  };
  return { name, dimensions, embed };
}
