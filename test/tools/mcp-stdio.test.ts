import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, afterEach, before, describe, it } from 'node:test';
import { AttachedResult } from '../../tools/attachments.ts';
import type { Tool } from '../../tools/define-tool.ts';
import { DidNotAct } from '../../tools/did-not-act.ts';
import { mcpServer } from '../../tools/mcp/index.ts';
import type { McpServerDefinition } from '../../tools/mcp/index.ts';
import type { OpenToolSource } from '../../tools/tool-source.ts';
import { EVERYTHING_SERVER, FILESYSTEM_SERVER } from '../support/mcp-servers.ts';
import { runTool } from '../support/run-tool.ts';

let folder: string;
let open: OpenToolSource[] = [];
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'waymark-mcp-'));
});
after(() => rm(folder, { recursive: true }));
afterEach(async () => {
  await Promise.all(open.map((source) => source.close()));
  open = [];
});

function opened(definition: McpServerDefinition): OpenToolSource {
  const source = mcpServer(definition).open();
  open.push(source);
  return source;
}

async function toolsByName(source: OpenToolSource): Promise<(name: string) => Tool> {
  const tools = await source.tools();
  return (name) => {
    const tool = tools.find(({ description }) => description.name === name);
    assert.ok(tool, `no tool ${name} among ${tools.map(({ description }) => description.name).join(', ')}`);
    return tool;
  };
}

/** A definition whose server is started by a line of shell, so that a test can watch or kill it. */
function shell(line: string, ...args: string[]): Pick<Extract<McpServerDefinition, { command: unknown }>, 'command'> {
  return { command: ['/bin/sh', '-c', line, ...args] };
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  const give = AbortSignal.timeout(10_000);
  while (!(await holds())) {
    give.throwIfAborted();
    await sleep(20);
  }
}

const everything = (tools: McpServerDefinition['tools'], more: object = {}): McpServerDefinition => ({
  name: 'all',
  command: [process.execPath, EVERYTHING_SERVER],
  tools,
  ...more,
});

describe('the filesystem server', () => {
  const files = (): McpServerDefinition => ({
    name: 'files',
    command: [process.execPath, FILESYSTEM_SERVER, folder],
    tools: { read_text_file: { effect: 'read' }, write_file: { effect: 'idempotent' }, move_file: {} },
  });

  it('offers the tools that are allowed, with the effect and approval set for each, and unknown as once', async () => {
    const tools = await opened(files()).tools();
    const told = tools.map(({ description: { name, effect, approval, whenBroken }, from }) =>
      [name, effect, JSON.stringify(approval), whenBroken, from].join(' '),
    );
    assert.deepEqual(told.toSorted(), [
      'files_move_file once "always" block mcp:files',
      'files_read_text_file read "never" tell mcp:files',
      'files_write_file idempotent "always" block mcp:files',
    ]);
  });

  it('writes and reads a file, and its refusal to leave its folder is told to the model', async () => {
    const tool = await toolsByName(opened(files()));
    const path = join(folder, 'note.txt');
    await runTool(tool('files_write_file'), { path, content: 'kept' });
    assert.equal(await readFile(path, 'utf8'), 'kept');
    assert.match(String(await runTool(tool('files_read_text_file'), { path })), /kept/);
    await assert.rejects(runTool(tool('files_read_text_file'), { path: '/etc/passwd' }), {
      name: 'ToolRefusal',
      message: /denied|outside/i,
    });
  });

  it('gives the model the schema as it is, and checks arguments against it before a call', async () => {
    const tool = (await toolsByName(opened(files())))('files_write_file');
    assert.deepEqual(Object.keys(Object(tool.spec.parameters['properties'])), ['path', 'content']);
    for (const [raw, problem] of [
      ['{"path":"x"}', /required property 'content'/],
      ['{"path":1,"content":""}', /data\/path must be string/],
      ['[]', /no JSON object/],
      ['{"path":', /not valid JSON/],
    ] as const) {
      const bound = tool.bind(raw);
      assert.ok(!bound.ok);
      assert.match(bound.problem, problem);
    }
  });
});

describe('the everything server', () => {
  it('answers with images and documents beside the text', async () => {
    const tool = await toolsByName(
      opened(everything({ 'get-tiny-image': {}, 'get-resource-reference': {}, 'get-resource-links': {} })),
    );
    const image = await runTool(tool('all_get_tiny_image'), {});
    assert.ok(image instanceof AttachedResult);
    const [kept] = image.attachments;
    assert.equal(kept?.mediaType, 'image/png');
    assert.deepEqual([...Buffer.from(kept.content).subarray(0, 4)], [0x89, 0x50, 0x4e, 0x47]);
    const reference = { resourceType: 'Text', resourceId: 1 };
    const document = await runTool(tool('all_get_resource_reference'), reference);
    assert.ok(document instanceof AttachedResult);
    assert.equal(document.attachments[0]?.name, 'demo://resource/dynamic/text/1');
    assert.match(String(document.attachments[0].content), /plaintext resource/);
    const links = String(await runTool(tool('all_get_resource_links'), { count: 2 }));
    assert.match(links, /\[link to Text Resource 2: demo:\/\/resource\/dynamic\/text\/2, text\/plain\]/);
  });

  it('tells the progress of a long call', async () => {
    const tool = (await toolsByName(opened(everything({ 'trigger-long-running-operation': { effect: 'read' } }))))(
      'all_trigger_long_running_operation',
    );
    const notes: string[] = [];
    await runTool(tool, { duration: 0.6, steps: 3 }, { progress: (note) => notes.push(note) });
    assert.deepEqual(notes.slice(0, 2), ['1 of 3', '2 of 3']);
  });

  it('is given the environment that is set for it, and not the worker’s', async () => {
    process.env['WAYMARK_TEST_SECRET'] = 'of the worker';
    try {
      const tool = await toolsByName(
        opened(everything({ 'get-env': {} }, { env: () => ({ GIVEN: 'to the server' }) })),
      );
      const env = String(await runTool(tool('all_get_env'), {}));
      assert.match(env, /to the server/);
      assert.doesNotMatch(env, /of the worker/);
    } finally {
      delete process.env['WAYMARK_TEST_SECRET'];
    }
  });

  it('hears of a cancelled call', async () => {
    const wire = join(folder, 'wire.log');
    const line = shell('tee "$0" | "$1" "$2"', wire, process.execPath, EVERYTHING_SERVER);
    const source = opened({ name: 'all', ...line, tools: { 'trigger-long-running-operation': {} } });
    const [tool] = await source.tools();
    assert.ok(tool);
    const controller = new AbortController();
    const running = runTool(tool, { duration: 4, steps: 4 }, { signal: controller.signal, progress: () => undefined });
    const refused = assert.rejects(running, { name: 'AbortError' });
    await until(async () => (await readFile(wire, 'utf8')).includes('tools/call'));
    controller.abort();
    await refused;
    await until(async () => (await readFile(wire, 'utf8')).includes('notifications/cancelled'));
  });

  it('is called with the key that is the same for every attempt of a call', async () => {
    const wire = join(folder, 'keys.log');
    const line = shell('tee "$0" | "$1" "$2"', wire, process.execPath, EVERYTHING_SERVER);
    const [tool] = await opened({ name: 'all', ...line, tools: { echo: {} } }).tools();
    assert.ok(tool);
    await runTool(tool, { message: 'hi' }, { idempotencyKey: 'the-key' });
    const call = (await readFile(wire, 'utf8')).split('\n').find((sent) => sent.includes('tools/call')) ?? '';
    assert.equal(Object(JSON.parse(call)).params._meta.idempotencyKey, 'the-key');
  });

  it('killed in mid-call ends that call as broken, and is started again for the next', async () => {
    const pid = join(folder, 'pid');
    const line = shell('echo $$ > "$0"; exec "$1" "$2"', pid, process.execPath, EVERYTHING_SERVER);
    const source = opened({ name: 'all', ...line, tools: { '*': { effect: 'read' } } });
    const tool = await toolsByName(source);
    const first = Number(await readFile(pid, 'utf8'));
    const lost = assert.rejects(
      runTool(tool('all_trigger_long_running_operation'), { duration: 60, steps: 600 }, { progress: kill }),
      /MCP server "all" went away in the middle of the call/,
    );
    let killed = false;
    function kill(): void {
      if (!killed) process.kill(first, 'SIGKILL');
      killed = true;
    }
    await lost;
    assert.equal(await runTool(tool('all_echo'), { message: 'again' }), 'Echo: again');
    assert.notEqual(Number(await readFile(pid, 'utf8')), first);
  });

  it('ends with its source', async () => {
    const pid = join(folder, 'ending');
    const line = shell('echo $$ > "$0"; exec "$1" "$2"', pid, process.execPath, EVERYTHING_SERVER);
    const source = opened({ name: 'all', ...line, tools: { echo: {} } });
    await source.tools();
    const number = Number(await readFile(pid, 'utf8'));
    process.kill(number, 0);
    await source.close();
    assert.throws(() => process.kill(number, 0), { code: 'ESRCH' });
  });
});

describe('a server that does not start', () => {
  it('is told with its last words, and is tried again', async () => {
    const ready = join(folder, 'ready');
    const line = shell(
      '[ -e "$0" ] || { echo "the licence has expired" >&2; exit 3; }; exec "$1" "$2"',
      ready,
      process.execPath,
      EVERYTHING_SERVER,
    );
    const source = opened({ name: 'all', ...line, tools: { echo: {} } });
    await assert.rejects(source.tools(), /MCP server "all" \(.*does not answer: .*the licence has expired/);
    await writeFile(ready, '');
    assert.equal((await source.tools()).length, 1);
  });

  it('once its tools were known, is told with a call that was surely not made', async () => {
    const [ready, pid] = [join(folder, 'ready-again'), join(folder, 'pid-again')];
    await writeFile(ready, '');
    const line = shell(
      '[ -e "$0" ] || exit 3; echo $$ > "$1"; exec "$2" "$3"',
      ready,
      pid,
      process.execPath,
      EVERYTHING_SERVER,
    );
    const [tool] = await opened({ name: 'all', ...line, tools: { echo: {} } }).tools();
    assert.ok(tool);
    await rm(ready);
    process.kill(Number(await readFile(pid, 'utf8')), 'SIGKILL');
    await until(async () => {
      const failed: unknown = await runTool(tool, { message: 'hi' }).catch((error: unknown) => error);
      return (
        failed instanceof DidNotAct && /echo of MCP server "all" was not called: .*does not answer/.test(failed.message)
      );
    });
  });

  it('is named where its program does not exist', async () => {
    const source = opened({ name: 'none', command: ['/nowhere/server'], tools: { '*': {} } });
    await assert.rejects(source.tools(), /MCP server "none" \(\/nowhere\/server\) does not answer: .*ENOENT/);
  });
});

describe('the definition of a server', () => {
  it('starts nothing, and refuses what makes no sense', () => {
    const command = ['/nowhere/server'] as const;
    assert.equal(mcpServer({ name: 'none', command, tools: { '*': {} } }).address, '/nowhere/server');
    assert.throws(() => mcpServer({ name: 'No Name', command, tools: { '*': {} } }), /snake case/);
    assert.throws(() => mcpServer({ name: 'none', command, tools: {} }), /name the tools/);
    assert.throws(() => mcpServer({ name: 'none', url: 'file:///x', tools: { '*': {} } }), /no http address/);
  });
});
