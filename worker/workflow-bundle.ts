import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { WorkflowBundleOption } from '@temporalio/worker';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';

/** Rooms that end up in the bundle. */
const BUNDLED_ROOMS = ['workflows', 'contracts'];

/** The workflows' entry, in the language of the running file: TypeScript in a checkout, JavaScript when built. */
export function workflowsPath(): string {
  return join(root(), 'workflows', `index${extname(fileURLToPath(import.meta.url))}`);
}

/**
 * The workflows as one bundle, which takes seconds to make. With a cache folder it is made once for each state of the
 * code, however many workers start.
 */
export async function workflowBundle({ cacheDir }: { readonly cacheDir?: string } = {}): Promise<WorkflowBundleOption> {
  if (cacheDir === undefined) return { code: await bundle() };
  const codePath = join(cacheDir, `workflows-${await fingerprint()}.js`);
  const present = await readFile(codePath, 'utf8').catch(() => undefined);
  if (present !== undefined) return { code: present };
  const code = await bundle();
  await mkdir(cacheDir, { recursive: true });
  const draft = `${codePath}.${process.pid}`;
  await writeFile(draft, code);
  await rename(draft, codePath);
  return { code };
}

async function bundle(): Promise<string> {
  const { code } = await bundleWorkflowCode({ workflowsPath: workflowsPath(), logger: new DefaultLogger('WARN') });
  return code;
}

/** Tells one state of the workflows' code, and of the SDK that bundles it, from another. */
async function fingerprint(): Promise<string> {
  const hash = createHash('sha256');
  const sdk: { version: string } = createRequire(import.meta.url)('@temporalio/worker/package.json');
  hash.update(sdk.version);
  for (const room of BUNDLED_ROOMS) {
    const folder = join(root(), room);
    for (const file of (await readdir(folder, { recursive: true })).toSorted()) {
      if (/\.(ts|js)$/.test(file)) hash.update(`${room}/${file}\0`).update(await readFile(join(folder, file)));
    }
  }
  return hash.digest('hex').slice(0, 16);
}

function root(): string {
  return dirname(dirname(fileURLToPath(import.meta.url)));
}
