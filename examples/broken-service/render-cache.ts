import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A folder of rendered pages with a quota. */
export interface RenderCache {
  usedBytes(): Promise<number>;
  /** @throws Error when the quota is used up */
  write(name: string, content: Buffer): Promise<void>;
  /** Removes the rendered pages and nothing else. */
  clear(): Promise<{ readonly files: number; readonly freedBytes: number }>;
}

const PAGE = /^page-\d+\.bin$/;

export function createRenderCache({
  folder,
  quotaBytes,
}: {
  readonly folder: string;
  readonly quotaBytes: number;
}): RenderCache {
  const pages = async (): Promise<{ readonly path: string; readonly bytes: number }[]> => {
    await mkdir(folder, { recursive: true });
    const names = (await readdir(folder)).filter((name) => PAGE.test(name));
    return Promise.all(
      names.map(async (name) => ({ path: join(folder, name), bytes: (await stat(join(folder, name))).size })),
    );
  };
  const usedBytes = async (): Promise<number> => (await pages()).reduce((sum, { bytes }) => sum + bytes, 0);
  return {
    usedBytes,
    write: async (name, content) => {
      const used = await usedBytes();
      if (used + content.length > quotaBytes) {
        throw new Error(`cache quota exceeded: ${used} of ${quotaBytes} bytes used, ${content.length} more needed`);
      }
      await writeFile(join(folder, name), content);
    },
    clear: async () => {
      const cleared = await pages();
      for (const { path } of cleared) await rm(path);
      return { files: cleared.length, freedBytes: cleared.reduce((sum, { bytes }) => sum + bytes, 0) };
    },
  };
}
