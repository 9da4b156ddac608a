import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, describe, it } from 'node:test';
import type { Tool } from '../../tools/define-tool.ts';
import { mcpServer } from '../../tools/mcp/index.ts';
import type { OpenToolSource } from '../../tools/tool-source.ts';
import type { HttpServer } from '../support/mcp-servers.ts';
import { startEverything } from '../support/mcp-servers.ts';
import { runTool } from '../support/run-tool.ts';

describe('the everything server over streamable HTTP', () => {
  let server: HttpServer;
  let source: OpenToolSource;
  let tools: readonly Tool[];
  before(async () => {
    server = await startEverything();
    source = mcpServer({ name: 'web', url: server.url, tools: { '*': { effect: 'read' } } }).open();
    tools = await source.tools();
  });
  after(async () => {
    await source.close();
    await server.kill();
  });
  const toolOf = (name: string): Tool => {
    const tool = tools.find(({ description }) => description.name === name);
    assert.ok(tool);
    return tool;
  };

  it('answers calls, many at the same time', async () => {
    const messages = ['one', 'two', 'three'];
    const answers = await Promise.all(messages.map((message) => runTool(toolOf('web_echo'), { message })));
    assert.deepEqual(answers, ['Echo: one', 'Echo: two', 'Echo: three']);
  });

  it('tells the progress of a long call', async () => {
    const notes: string[] = [];
    const progress = (note: string): void => void notes.push(note);
    await runTool(toolOf('web_trigger_long_running_operation'), { duration: 0.6, steps: 3 }, { progress });
    assert.deepEqual(notes.slice(0, 2), ['1 of 3', '2 of 3']);
  });

  it('restarted between two calls is greeted anew, and the call is made once', async () => {
    await server.kill();
    await server.start();
    assert.equal(await runTool(toolOf('web_echo'), { message: 'after' }), 'Echo: after');
  });

  it('killed in mid-call ends that call as broken, and answers again once it is back', async () => {
    const progress = (): void => void server.kill();
    const running = runTool(toolOf('web_trigger_long_running_operation'), { duration: 60, steps: 600 }, { progress });
    await assert.rejects(running, /MCP server "web" went away in the middle of the call/);
    await assert.rejects(
      runTool(toolOf('web_echo'), { message: 'down' }),
      /"web" .*(does not answer|went away)|fetch failed/,
    );
    await server.start();
    assert.equal(await runTool(toolOf('web_echo'), { message: 'back' }), 'Echo: back');
  });

  it('offers its tools on while it is away', async () => {
    await server.kill();
    assert.deepEqual(await source.tools(), tools);
    await server.start();
  });
});

describe('an MCP server that wants a key', () => {
  it('is sent the headers that the definition gives, and its refusal names it', async () => {
    const seen: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      seen.push(request.headers.authorization);
      response.writeHead(401).end('who are you?');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = address !== null && typeof address === 'object' ? address.port : 0;
    const url = `http://127.0.0.1:${port}/mcp`;
    const headers = (): Record<string, string> => ({ authorization: 'Bearer of the worker' });
    const source = mcpServer({ name: 'locked', url, headers, tools: { '*': {} } }).open();
    await assert.rejects(source.tools(), /MCP server "locked" .*does not let us in: HTTP 401: who are you\?$/);
    assert.equal(seen[0], 'Bearer of the worker');
    await source.close();
    server.close();
    server.closeAllConnections();
  });
});
