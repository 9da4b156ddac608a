import { mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where one server keeps its files: under the data folder, or in a scratch folder that goes when the server goes. */
export interface ServerHome {
  folder: string;
  log: string;
  /** Set when the folder is only lent for this run. */
  scratch?: string;
}

/** Creates the home of a server. */
export async function serverHome(options: { name: string; dataDir?: string }): Promise<ServerHome> {
  const { name, dataDir } = options;
  if (dataDir === undefined) {
    const scratch = await mkdtemp(join(tmpdir(), `waymark-${name}-`));
    return { folder: scratch, log: join(scratch, `${name}.log`), scratch };
  }
  const folder = join(dataDir, name);
  const logs = join(dataDir, 'logs');
  await Promise.all([mkdir(folder, { recursive: true }), mkdir(logs, { recursive: true })]);
  return { folder, log: join(logs, `${name}.log`) };
}
