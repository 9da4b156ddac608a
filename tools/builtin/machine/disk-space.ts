import { statfs } from 'node:fs/promises';
import { z } from 'zod';
import { defineTool } from '../../define-tool.ts';
import type { Tool } from '../../define-tool.ts';
import { refuse } from '../../refusal.ts';
import { look } from '../network/look.ts';

/**
 * Makes the tool that says how full file systems are.
 * @param grant `paths`: the only paths that may be named. Default: any; nothing but numbers is told of them
 */
export function createDiskSpaceTool({ paths }: { readonly paths?: readonly string[] } = {}): Tool {
  return defineTool({
    name: 'disk_space',
    description:
      'Says how full the file system is that holds a path: total and available bytes, share used, free inodes. ' +
      'A path that does not exist is a result: { found: false, error }.',
    input: z.object({ path: z.string().min(1).default('/') }),
    effect: 'read',
    timeoutMs: 15_000,
    from: 'built-in',
    grants: [`paths: ${paths === undefined ? 'any' : paths.join(', ')}`],
    execute: async ({ path }, { signal }) => {
      if (paths !== undefined && !paths.includes(path))
        refuse(`${path} may not be looked at; granted: ${paths.join(', ')}.`);
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
}
