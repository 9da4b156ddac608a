import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startTestRedis } from '../support/servers.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** What a program of somebody else does, which knows the package by its name alone. */
const program = `
import { createMemory } from 'waymark/memory';

const embedder = {
  name: 'letters', dimensions: 26,
  embed: async (texts) => texts.map((text) => {
    const vector = new Float32Array(26).fill(0.01);
    for (const letter of text.toLowerCase()) { const at = letter.charCodeAt(0) - 97; if (at >= 0 && at < 26) vector[at] += 1; }
    return vector;
  }),
};
const memory = createMemory({ redis: process.env.REDIS_URL, tenant: 'acme', embedder });
const ana = { scope: 'user', id: 'ana' };
const [first] = await memory.remember({ text: 'Ana lives in Austin', scope: ana, slot: 'home', subject: 'ana' });
const updated = await memory.update(first.id, { text: 'Ana lives in Berlin' }, 'she moved');
const [found] = await memory.recall('where does Ana live', { scopes: [ana] });
const told = await memory.recall('where does Ana live', { scopes: [ana], explain: true });
const history = await memory.history(first.id);
const lines = [];
for await (const line of memory.export({ subject: 'ana' })) lines.push(JSON.stringify(line));
const erased = await memory.erase('ana');
const report = await memory.import(lines);
const again = await memory.get(updated.id);
const gone = await memory.forget({ ids: [updated.id] });
await memory.close();
console.log(JSON.stringify({
  found: found.memory.text, explained: [told.recalled.length, Array.isArray(told.missed), told.byMeaning],
  history: history.map(({ change, reason }) => [change, reason]), lines: lines.length, erased: erased.erased.memories,
  imported: report.imported, again: again.text, gone,
}));
`;

test('waymark/memory is used by a package of its own, through the exports map', async (t) => {
  const server = await startTestRedis();
  t.after(() => server.stop());
  const folder = await mkdtemp(join(tmpdir(), 'waymark-outside-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  await mkdir(join(folder, 'node_modules'));
  await symlink(root, join(folder, 'node_modules', 'waymark'));
  await writeFile(join(folder, 'package.json'), JSON.stringify({ type: 'module' }));
  await writeFile(join(folder, 'main.js'), program);
  const flags = ['--conditions=waymark-source', '--import', import.meta.resolve('tsx'), join(folder, 'main.js')];
  const { stdout } = await promisify(execFile)(process.execPath, flags, {
    cwd: folder,
    env: { ...process.env, REDIS_URL: server.url },
  });
  assert.deepEqual(JSON.parse(stdout), {
    found: 'Ana lives in Berlin',
    explained: [1, true, true],
    history: [
      ['added', 'new'],
      ['superseded', 'she moved'],
    ],
    lines: 2,
    erased: 2,
    imported: 2,
    again: 'Ana lives in Berlin',
    gone: 1,
  });
});
