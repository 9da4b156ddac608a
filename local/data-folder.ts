import { join, resolve } from 'node:path';

/** Where everything of the local stack lies: `.waymark` in the working folder unless told otherwise. */
export function dataFolder(dataDir?: string): string {
  return resolve(dataDir ?? '.waymark');
}

/** Where fetched programs lie: `WAYMARK_CACHE`, else `cache` in the data folder. */
export function cacheFolder(options: { dataDir?: string; env: NodeJS.ProcessEnv }): string {
  const { dataDir, env } = options;
  return env.WAYMARK_CACHE ? resolve(env.WAYMARK_CACHE) : join(dataFolder(dataDir), 'cache');
}
