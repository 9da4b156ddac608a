import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Right } from '../../serve/index.ts';
import { assertIncludes } from '../support/assert-includes.ts';
import { openServed } from './serve-world.ts';

const { world, service, waymark, waiting } = await openServed();
const open = new Set<() => Promise<void>>();
after(async () => {
  await Promise.all([...open].map((close) => close()));
  await world.stop();
});

type Call = (name: string, args: object) => Promise<{ text: string; isError: boolean }>;

/** An assistant's side, by the SDK's own client. */
async function assistant(transport: StdioClientTransport | StreamableHTTPClientTransport) {
  const client = new Client({ name: 'an assistant of a test', version: '1' });
  open.add(() => client.close());
  await client.connect(transport);
  const call: Call = async (name, args) => {
    const { content, isError } = await client.callTool({ name, arguments: { ...args } });
    assert.ok(Array.isArray(content));
    return { text: String(content[0]?.text), isError: isError === true };
  };
  const tools = async () => (await client.listTools()).tools;
  const toolNames = async (): Promise<string[]> => (await tools()).map(({ name }) => name);
  return { call, tools, toolNames };
}

async function byHttp(options: { tenant?: string; rights?: readonly Right[] } = {}) {
  const key = await world.makeKey({ ...options, actor: { kind: 'agent', id: 'claude' } });
  const requestInit = { headers: { Authorization: `Bearer ${key}` } };
  return assistant(new StreamableHTTPClientTransport(new URL(`${service.url}/mcp`), { requestInit }));
}

function byStdio(args: readonly string[] = []) {
  const env = Object.fromEntries(Object.entries(world.env).flatMap(([name, value]) => (value ? [[name, value]] : [])));
  const argv = ['--conditions=waymark-source', '--import', 'tsx', 'cli/main.ts', 'mcp', ...args];
  return assistant(new StdioClientTransport({ command: process.execPath, args: argv, env }));
}

/** Visibility follows what happened a moment later. */
async function untilListed(call: Call, id: string): Promise<void> {
  const until = Date.now() + 10_000;
  let text = '';
  while (!text.includes(id)) {
    assert.ok(Date.now() < until, `${id} is not listed: ${text}`);
    ({ text } = await call('inbox', { for: 'ada@example.com' }));
  }
}

/** What an assistant does with a task, from its start to its end. */
async function throughATask(call: Call, key: string): Promise<void> {
  assert.match((await call('list_agents', {})).text, /Writes texts/);
  const started = await call('start_task', { agent: 'scribe', key, input: { act: 'ask' } });
  assert.equal(JSON.parse(started.text).started, true);
  const task = `scribe:${key}`;

  const asked = JSON.parse((await call('follow_task', { task })).text);
  assert.equal(asked.status, 'waiting for an answer');
  assert.match(asked.happened.join('\n'), /I draft, then I need a colour/);
  await untilListed(call, `${task}/q1`);
  assert.match((await call('get_request', { task, request: 'q1' })).text, /Which colour\?/);

  const wrong = await call('answer_question', { task, question: 'q1', answer: 'green' });
  assert.deepEqual([wrong.isError, /choose one of: red, blue/.test(wrong.text)], [true, true]);
  await call('pause_task', { task, reason: 'a holiday' });
  assert.match((await call('get_task', { task })).text, /a holiday/);
  await call('resume_task', { task });
  await call('answer_question', { task, question: 'q1', answer: 'red' });

  let followed = asked;
  while (followed.status !== 'completed') {
    const { text, isError } = await call('follow_task', { task, from: followed.next });
    assert.equal(isError, false, text);
    followed = JSON.parse(text);
  }
  assert.match(JSON.stringify(followed.result), /red/);
}

test('an assistant takes a task from its start to its end by HTTP', async () => {
  const { call } = await byHttp();
  await throughATask(call, 'http');
});

test('an assistant takes a task from its start to its end by standard input and output', async () => {
  const { call } = await byStdio(['--as', 'mira@example.com']);
  await throughATask(call, 'stdio');

  const events = waymark.get('scribe:stdio').events();
  for await (const event of events) {
    if (event.type !== 'input-captured') continue;
    assert.deepEqual([event.from.kind, event.from.id], ['agent', 'mira@example.com']);
    break;
  }
});

test('an assistant approves one call and refuses another', async () => {
  const { call } = await byHttp();
  const [approved, refused] = await Promise.all([waiting('publish'), waiting('publish')]);

  await call('approve_call', { task: approved.taskId, call: 't1c1' });
  await call('reject_call', { task: refused.taskId, call: 't1c1', reason: 'not before spring' });

  assert.match(JSON.stringify((await approved.result()).result), /published/);
  assert.match(JSON.stringify((await refused.result()).result), /not before spring/);
});

test('an assistant approves a call with other arguments, and hands a request on', async () => {
  const { call } = await byHttp();
  const task = await waiting('publish');
  const about = { task: task.taskId, call: 't1c1' };

  await call('delegate_request', { task: task.taskId, request: 't1c1', to: 'bo@example.com', note: 'yours' });
  const handed = (await task.progress()).approvals[0];
  const wrong = await call('approve_call', { ...about, arguments: { title: 7 } });
  const right = await call('approve_call', { ...about, arguments: { title: 'Spring letters' }, remember: 'task' });

  assertIncludes(handed, { for: 'bo@example.com', handovers: [{ to: 'bo@example.com', note: 'yours' }] });
  assert.deepEqual([wrong.isError, /do not fit publish: .*title/.test(wrong.text)], [true, true], wrong.text);
  assert.equal(right.isError, false, right.text);
  assert.match(JSON.stringify((await task.result()).result), /published Spring letters/);
});

test('an assistant has the tools that its rights allow, and no others', async () => {
  const reader = await byHttp({ rights: ['read'] });
  const answering = await byStdio(['--rights', 'answer']);

  assert.deepEqual(await reader.toolNames(), [
    'list_agents',
    'list_tasks',
    'get_task',
    'follow_task',
    'inbox',
    'get_request',
  ]);
  assert.deepEqual(await answering.toolNames(), ['answer_question', 'approve_call', 'reject_call', 'delegate_request']);
  assert.equal((await reader.call('cancel_task', { task: 'scribe:http', reason: 'x' })).isError, true);
});

/** What the fields of tools may hold. */
const GIVEN: Readonly<Record<string, string>> = {
  request: 'q1',
  question: 'q1',
  call: 't1c1',
  event: 'contract-signed',
  answer: 'red',
  text: 'x',
  reason: 'x',
  to: 'bo@example.com',
};

test('another tenant’s tasks are not there for an assistant', async () => {
  const task = await waiting('ask');
  const foreign = await byHttp({ tenant: 'other' });

  const about = (await foreign.tools()).filter(({ inputSchema }) => inputSchema.properties?.['task']);
  assert.ok(about.length > 8);
  for (const { name, inputSchema } of about) {
    const given = Object.fromEntries((inputSchema.required ?? []).map((field) => [field, GIVEN[field]]));
    const { isError, text } = await foreign.call(name, { ...given, task: task.taskId });
    assert.deepEqual([isError, /has no task/.test(text)], [true, true], `${name}: ${text}`);
  }
  assert.equal((await task.progress()).status.kind, 'waiting');
});

test('without a key there is no assistant', async () => {
  const transport = new StreamableHTTPClientTransport(new URL(`${service.url}/mcp`));
  await assert.rejects(assistant(transport), /401|no key/i);
});
