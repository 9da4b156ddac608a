import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startTestRedis } from '../support/servers.ts';

const page = new URL('../../docs/memory.md', import.meta.url);

it('the example in docs/memory.md runs and prints what the page says', async (t) => {
  const server = await startTestRedis();
  t.after(() => server.stop());
  const text = await readFile(page, 'utf8');
  const [, code = ''] = /```ts\n([\s\S]*?)```/.exec(text) ?? [];
  const [, expected = ''] = /It prints\n\n```\n([\s\S]*?)```/.exec(text) ?? [];
  const file = fileURLToPath(new URL(`memory-example-${process.pid}.ts`, page));
  await writeFile(file, code);
  t.after(() => rm(file));
  const program = spawn(process.execPath, ['--import', 'tsx', file], {
    env: { ...process.env, REDIS_URL: server.url },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  program.stdout.setEncoding('utf8').on('data', (piece: string) => (printed += piece));
  const code_ = await new Promise<number | null>((resolve) => void program.once('close', resolve));
  assert.equal(code_, 0);
  assert.equal(printed, expected);
});
