import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import * as builtIn from '../../tools/builtin/index.ts';
import type { Tool } from '../../tools/define-tool.ts';

const network = { hosts: ['api.example.com'] };
const files = { root: '/srv' };

/** Every factory of the set, with as little as it must be granted. */
const samples: Readonly<Record<string, readonly Tool[]>> = {
  createDiskSpaceTool: [builtIn.createDiskSpaceTool()],
  createDnsLookupTool: [builtIn.createDnsLookupTool(network)],
  createHttpCheckTool: [builtIn.createHttpCheckTool(network)],
  createHttpRequestTool: [
    builtIn.createHttpRequestTool(network),
    builtIn.createHttpRequestTool({ ...network, effect: 'idempotent' }),
  ],
  createListFilesTool: [builtIn.createListFilesTool(files)],
  createListProcessesTool: [builtIn.createListProcessesTool()],
  createReadCsvTool: [builtIn.createReadCsvTool(files)],
  createReadFileTool: [builtIn.createReadFileTool(files)],
  createReadJsonTool: [builtIn.createReadJsonTool(files)],
  createReadLogTailTool: [builtIn.createReadLogTailTool(files)],
  createRunProgramTool: [builtIn.createRunProgramTool({ programs: { git: {} }, cwd: '/srv' })],
  createSearchFilesTool: [builtIn.createSearchFilesTool(files)],
  createSendMailTool: [
    builtIn.createSendMailTool({ server: () => 'smtp://x', from: 'a@example.com', recipients: ['@example.com'] }),
  ],
  createSqlQueryTool: [builtIn.createSqlQueryTool({ connection: () => '', about: '' })],
  createTcpConnectTool: [builtIn.createTcpConnectTool(network)],
  createTlsCertificateTool: [builtIn.createTlsCertificateTool(network)],
  createWebhookTool: [builtIn.createWebhookTool({ url: 'https://example.com/', secret: () => '', purpose: '' })],
};

test('docs/tools.md tells every tool of the set, with its effect, approval and bound', async () => {
  const docs = await readFile(new URL('../../docs/tools.md', import.meta.url), 'utf8');
  const rows = docs.split('\n').flatMap((line) => {
    const [, name, factory, effect, approval, bound] = line.split('|').map((cell) => cell.trim().replaceAll('`', ''));
    return /^create\w+Tool$/.test(factory ?? '') ? [[factory, name, effect, approval, bound].join(' ')] : [];
  });
  const tools = Object.entries(samples).flatMap(([factory, made]) =>
    made.map(({ description: { name, effect, approval, timeoutMs } }) =>
      [factory, name, effect, JSON.stringify(approval).replaceAll('"', ''), `${timeoutMs / 1_000} s`].join(' '),
    ),
  );
  assert.deepEqual(rows.toSorted(), tools.toSorted());
});

test('the samples are the whole set', () => {
  const factories = Object.keys(builtIn).filter((name) => name.startsWith('create'));
  assert.deepEqual(factories.toSorted(), Object.keys(samples).toSorted());
});

test('every tool of the set comes from it, says what it was granted, and tells the model when to use it', () => {
  for (const tool of Object.values(samples).flat()) {
    assert.equal(tool.from, 'built-in', tool.spec.name);
    assert.ok(tool.spec.description.length > 30, tool.spec.name);
    if (tool.spec.name !== 'list_processes') assert.ok(tool.grants.length > 0, tool.spec.name);
  }
});
