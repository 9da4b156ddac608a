import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startTestRedis } from '../support/servers.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../', import.meta.url));

/** A program of somebody who has installed the package, and uses its memory without anything else of it. */
const PROGRAM = `
import { createMemory } from 'waymark/memory';

const words = ['plan', 'free', 'pro', 'tea', 'coffee', 'ana', 'invoice', 'lisbon'];
const embedder = {
  name: 'words',
  dimensions: words.length,
  embed: async (texts) =>
    texts.map((text) => Float32Array.from(words, (word) => (text.toLowerCase().includes(word) ? 1 : 0.01))),
};
const redis = process.argv[2];
const memory = createMemory({ redis, tenant: 'acme', embedder });
const ana = { scope: 'user', id: 'ana' };
const [plan, tea] = await memory.remember(
  { scope: ana, text: 'Ana is on plan Free', slot: 'plan' },
  { scope: ana, text: 'Ana likes tea', kind: 'preference' },
);
const texts = async (question) => (await memory.recall(question, { scopes: [ana] })).map((found) => found.memory.text);
const first = await texts('which plan');
const changed = await memory.update(plan.id, { text: 'Ana is on plan Pro' }, 'she called');
const second = await texts('which plan');
const old = await memory.get(plan.id);
const history = (await memory.history(plan.id)).map(({ change, reason }) => [change, reason]);
const lines = [];
for await (const line of memory.export({ subject: 'ana' })) lines.push(JSON.stringify(line));
const elsewhere = createMemory({ redis, tenant: 'other', embedder });
const imported = await elsewhere.import([...lines, 'no line']);
const liked = await texts('tea');
const forgotten = await memory.forget({ ids: [tea.id] });
const third = await texts('tea');
const erased = await memory.erase('ana');
const left = (await memory.stats()).memories;
await Promise.all([memory.close(), elsewhere.close()]);
console.log(
  JSON.stringify({ first, changed: changed.change, second, old: old.supersededBy === changed.id, history, lines: lines.length, imported, liked, forgotten, third, erased: erased.erased.memories, left }),
);
`;

let folder = '';
let redis: Awaited<ReturnType<typeof startTestRedis>>;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'waymark-package-'));
  const installed = join(folder, 'node_modules', 'waymark');
  await mkdir(installed, { recursive: true });
  await copyFile(join(root, 'package.json'), join(installed, 'package.json'));
  await symlink(join(root, 'node_modules'), join(installed, 'node_modules'));
  await writeFile(join(folder, 'program.mjs'), PROGRAM);
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const project = {
    extends: join(root, 'tsconfig.build.json'),
    compilerOptions: {
      outDir: join(installed, 'dist'),
      rootDir: root,
      types: ['node'],
      typeRoots: [join(root, 'node_modules/@types')],
    },
    // The rooms that memory is built on, and no other.
    include: ['memory', 'contracts'].map((room) => join(root, room)),
  };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(project));
  await run(process.execPath, [compiler, '-p', folder]);
  redis = await startTestRedis();
});
after(async () => {
  await redis.stop();
  await rm(folder, { recursive: true, force: true });
});

test('waymark/memory works on its own from the built package, in plain JavaScript', async () => {
  const { stdout } = await run(process.execPath, ['program.mjs', redis.url], { cwd: folder });
  const told: unknown = JSON.parse(stdout);
  assert.deepEqual(told, {
    first: ['Ana is on plan Free'],
    changed: 'superseded',
    second: ['Ana is on plan Pro'],
    old: true,
    history: [
      ['added', 'new'],
      ['superseded', 'she called'],
    ],
    lines: 3,
    imported: {
      imported: 3,
      known: 0,
      broken: [{ line: 4, problem: 'Unexpected token \'o\', "no line" is not valid JSON' }],
    },
    forgotten: 1,
    liked: ['Ana likes tea'],
    third: [],
    erased: 2,
    left: 0,
  });
});
