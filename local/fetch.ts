import { ensureEmbeddingModel } from './embedding-model.ts';
import { findRedis, findTemporal, findTestServer } from './programs.ts';
import { StackError } from './stack-error.ts';

/** Fetches everything that the tests and the demo need, and says where each part came from. */
async function fetchAll(): Promise<void> {
  const say = (line: string) => console.log(line);
  const temporal = await findTemporal({ say });
  say(`temporal: ${temporal.source}`);
  const testServer = await findTestServer({ say });
  say(`temporal-test-server: ${testServer.source}`);
  const redis = await findRedis({ say });
  say(`redis: ${redis.source}`);
  await ensureEmbeddingModel({ say });
  say('embedding model: all-MiniLM-L6-v2, int8');
}

try {
  await fetchAll();
} catch (error) {
  if (!(error instanceof StackError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
