import type { ChainableCommander } from 'ioredis';

/** The replies of a pipeline, in order. @throws the first error among them */
export async function runPipeline(pipeline: ChainableCommander): Promise<unknown[]> {
  const results = (await pipeline.exec()) ?? [];
  return results.map(([error, reply]) => {
    if (error) throw error;
    return reply;
  });
}
