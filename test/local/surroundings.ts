import { rmSync } from 'node:fs';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** A folder that goes when this test process ends, which is after every server in it has ended. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'waymark-test-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The cache that `npm run fetch` filled. */
export const filledCache = resolve(process.env.WAYMARK_CACHE ?? '.waymark/cache');

/** An environment in which nothing is configured and PATH holds only the given programs, written in `sh`. */
export async function bareEnvironment(
  options: { programs?: Record<string, string>; cache?: string } = {},
): Promise<NodeJS.ProcessEnv> {
  const { programs = {}, cache = filledCache } = options;
  const home = await temporaryFolder();
  const bin = join(home, 'bin');
  await mkdir(bin);
  for (const [name, script] of Object.entries(programs)) {
    await writeFile(join(bin, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }
  return { HOME: home, XDG_CONFIG_HOME: home, PATH: bin, WAYMARK_CACHE: cache };
}

/** Waits until a condition holds; false when it does not in time. */
export async function eventually(condition: () => boolean | Promise<boolean>, withinMs: number): Promise<boolean> {
  const deadline = Date.now() + withinMs;
  while (Date.now() < deadline) {
    if (await condition()) return true;
    await new Promise((wake) => setTimeout(wake, 50));
  }
  return false;
}
