import type { Config } from '../../worker/index.ts';
import { openEmbeddingModel } from '../../worker/models.ts';
import { ensureEmbeddingModel } from '../../local/index.ts';
import type { MemoryFacts } from './check-redis.ts';
import type { Check } from './check.ts';
import { missing, ok, reasonOf, warning } from './check.ts';

const PART = 'Embeddings';
const ANSWERS_WITHIN_MS = 6_000;

/** The embedding model, by embedding a word; and whether it is the one that the memories were written with. */
export async function checkEmbedder(
  config: Config,
  env: NodeJS.ProcessEnv,
  memories: MemoryFacts | undefined,
): Promise<Check> {
  const files = await localFiles(config, env);
  if (files === undefined) {
    return warning(
      PART,
      'the files of the local model are not there yet',
      'waymark worker fetches them when it starts',
    );
  }
  try {
    const embedder = await openEmbeddingModel(config, async () => files);
    const [vector] = await inTime(embedder.embed(['waymark']));
    const { name, dimensions } = embedder;
    const latin =
      embedder.reads?.('漢字') === false
        ? '; it knows Latin script only: what is said in another is found by its words, and by meaning with a multilingual WAYMARK_EMBEDDINGS'
        : '';
    const says = `${name}, ${dimensions} dimensions${latin}`;
    if (vector?.length !== dimensions)
      return missing(PART, `${says}, but it gave ${vector?.length ?? 0}`, 'set WAYMARK_EMBEDDING_DIMENSIONS');
    if (memories && (memories.model !== name || memories.dimensions !== dimensions)) {
      const mend = `set WAYMARK_EMBEDDINGS back to ${memories.model}, or use another tenant or Redis`;
      return missing(PART, `${says}, but the memories were embedded with ${memories.model}`, mend);
    }
    return ok(PART, says);
  } catch (error) {
    return missing(
      PART,
      reasonOf(error),
      'check WAYMARK_EMBEDDINGS; for the local model run npm install without --omit=dev',
    );
  }
}

async function localFiles(
  { embeddings, dataDir }: Config,
  env: NodeJS.ProcessEnv,
): Promise<Awaited<ReturnType<typeof ensureEmbeddingModel>> | undefined> {
  if (embeddings.kind !== 'local') return { modelPath: '', tokenizerPath: '' };
  return ensureEmbeddingModel({ dataDir, env, fetch: false }).catch(() => undefined);
}

async function inTime<Result>(work: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ANSWERS_WITHIN_MS / 1_000} s`)), ANSWERS_WITHIN_MS);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
