import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { searchAttributeTypes } from '../../contracts/search-attributes.ts';
import { runProgram } from '../support/program.ts';
import { scriptedModel } from '../support/scripted-model.ts';
import { startTestRedis, startTestTemporal } from '../support/servers.ts';

const answers = [
  { text: 'I look the order up.', calls: [{ name: 'find_order', arguments: { order: '1007' } }] },
  { text: 'It was never delivered.', calls: [{ name: 'refund', arguments: { order: '1007', euros: 39 } }] },
  {
    text: 'Settled.',
    calls: [
      { name: 'finish', arguments: { outcome: 'success', result: { refunded: 39, why: 'it was never delivered' } } },
    ],
  },
];

test('the agent and the service of the README run as they stand there', async (t) => {
  const redis = await startTestRedis();
  const temporal = await startTestTemporal({ searchAttributes: { ...searchAttributeTypes } });
  const model = await scriptedModel(t, answers);
  const env = {
    TEMPORAL_ADDRESS: temporal.address,
    REDIS_URL: redis.url,
    OPENAI_BASE_URL: model.baseURL,
    WAYMARK_MODEL: model.model,
    WAYMARK_AGENTS: 'examples/own-agent.ts',
    WAYMARK_CACHE: process.env['WAYMARK_CACHE'] ?? resolve('.waymark', 'cache'),
    WAYMARK_LOG: 'error',
  };
  const worker = runProgram(['worker', '--json'], env);
  t.after(async () => {
    worker.interrupt();
    await worker.ended;
    await temporal.stop();
    await redis.stop();
  });
  await worker.until(/"agents":\["refunds"\]/);

  const service = spawn(
    process.execPath,
    ['--conditions=waymark-source', '--import', 'tsx', 'examples/own-service.ts'],
    { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let printed = '';
  service.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text));
  const [code] = await once(service, 'close');

  assert.equal(code, 0);
  assert.equal(printed, 'refunded 39 euros: it was never delivered\n');
});

test('the code in the README is the code of the examples', async () => {
  const readme = await readFile('README.md', 'utf8');
  const blocks = [...readme.matchAll(/```ts\n([^]*?)```/g)].map(([, code]) => code);
  for (const file of ['examples/own-agent.ts', 'examples/own-service.ts']) {
    assert.ok(blocks.includes(await readFile(file, 'utf8')), `the README does not show ${file} as it is`);
  }
});

test('the commands in the README are those that the package has', async () => {
  const readme = await readFile('README.md', 'utf8');
  const { scripts } = JSON.parse(await readFile('package.json', 'utf8'));
  const named = [...readme.matchAll(/npm (?:run )?([a-z:]+)/g)].map(([, name]) => name);
  for (const name of new Set(named)) {
    if (name === 'install' || name === 'run') continue;
    assert.ok(name !== undefined && name in scripts, `package.json has no script "${name}"`);
  }
  const help = runProgram(['--help'], {});
  assert.equal(await help.ended, 0);
  for (const [, command] of readme.matchAll(/waymark (?:-- )?([a-z]+)/g)) {
    if (command === undefined || !/waymark (?:-- )?/.test(`waymark ${command}`)) continue;
    const known = new RegExp(`^  ${command}\\b`, 'm').test(help.stdout());
    assert.ok(known, `waymark has no command "${command}"`);
  }
});
