import { statfs } from 'node:fs/promises';
import { z } from 'zod';
import { defineTool } from '../define-tool.ts';
import { look } from './look.ts';

/** Says how full a file system is. */
export const diskSpace = defineTool({
  name: 'disk_space',
  description:
    'Says how full the file system is that holds a path: total and available bytes, share used, free inodes. ' +
    'A path that does not exist is a result: { found: false, error }.',
  input: z.object({ path: z.string().min(1).default('/') }),
  effect: 'read',
  timeoutMs: 15_000,
  execute: async ({ path }, { signal }) => {
    const seen = await look({ signal, timeoutMs: 10_000 }, () => statfs(path));
    if (!seen.ok) return { found: false, path, error: seen.error };
    const { bsize, blocks, bavail, files, ffree } = seen.finding;
    return {
      found: true,
      path,
      totalBytes: blocks * bsize,
      availableBytes: bavail * bsize,
      usedPercent: blocks === 0 ? 0 : Math.round((1 - bavail / blocks) * 1_000) / 10,
      freeInodes: ffree,
      totalInodes: files,
    };
  },
});
