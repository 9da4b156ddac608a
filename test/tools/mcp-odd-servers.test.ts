import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { bindCall } from '../../tools/define-tool.ts';
import type { Tool } from '../../tools/define-tool.ts';
import { DidNotAct } from '../../tools/did-not-act.ts';
import { mcpServer } from '../../tools/mcp/index.ts';
import type { McpServerDefinition, McpUrl } from '../../tools/mcp/index.ts';
import { ToolRefusal } from '../../tools/refusal.ts';
import type { OpenToolSource } from '../../tools/tool-source.ts';
import type { OddMcpServer } from '../support/odd-mcp-server.ts';
import { startOddMcpServer } from '../support/odd-mcp-server.ts';
import { contextForTool, runTool } from '../support/run-tool.ts';

let server: OddMcpServer;
let sources: OpenToolSource[] = [];
beforeEach(async () => {
  server = await startOddMcpServer();
  server.tools = [schema('pay', { euros: { type: 'number' } }, ['euros'])];
});
afterEach(async () => {
  await Promise.all(sources.map((source) => source.close()));
  sources = [];
  server.close();
});

function schema(name: string, properties: object = {}, required: readonly string[] = [], more: object = {}): object {
  return { name, inputSchema: { type: 'object', properties, required }, ...more };
}

function open(tools: McpServerDefinition['tools'] = { '*': {} }, more: Partial<McpUrl> = {}): OpenToolSource {
  const source = mcpServer({ name: 'odd', url: server.url, tools, ...more }).open();
  sources.push(source);
  return source;
}

async function toolOf(source: OpenToolSource, name = 'odd_pay'): Promise<Tool> {
  const tools = await source.tools();
  const tool = tools.find(({ description }) => description.name === name);
  assert.ok(tool, `no ${name} among ${tools.map(({ description }) => description.name).join(', ')}`);
  return tool;
}

async function failureOf(running: Promise<unknown>): Promise<Error> {
  return running.then(
    () => assert.fail('it did not fail'),
    (error: unknown) => {
      assert.ok(error instanceof Error);
      return error;
    },
  );
}

const lists = (): number => server.asked.filter(({ method }) => method === 'tools/list').length;
const calls = (): typeof server.asked => server.asked.filter(({ method }) => method === 'tools/call');
const words = (text: string): object => ({ content: [{ type: 'text', text }] });

describe('a server’s list', () => {
  it('is read tool by tool: what cannot be read costs itself, and is told', async () => {
    server.tools = [
      { name: 'bare' },
      { name: 'untyped', inputSchema: { properties: { a: { type: 'string' } } } },
      { name: 'out', inputSchema: { type: 'object' }, outputSchema: { $ref: '#/$defs/Gone' }, annotations: 'none' },
      { name: 'listed', inputSchema: ['no', 'object'] },
      { description: 'no name' },
      'no tool',
      schema('pay'),
      schema('pay'),
    ];
    const source = open();
    const tools = await source.tools();
    assert.deepEqual(
      tools.map(({ description: { name }, spec }) => `${name} ${String(spec.parameters['type'])}`),
      ['odd_bare object', 'odd_untyped object', 'odd_out object', 'odd_pay object'],
    );
    assert.deepEqual(
      source.leftOut?.().map(({ name }) => name),
      ['listed', 'tool 5', 'tool 6', 'pay'],
    );
    assert.match(source.leftOut?.()[0]?.why ?? '', /inputSchema: /);
  });

  it('gives twins names by which they can be told apart, and a name of its own to each', async () => {
    server.tools = ['get_item', 'get-item', 'getItem', 'find.it', 'find-it', '查'].map((name) => schema(name));
    const tools = await open().tools();
    const names = tools.map(({ description }) => description.name);
    assert.equal(names[0], 'odd_get_item');
    assert.equal(new Set(names).size, 6);
    for (const name of names) assert.match(name, /^odd_[a-z0-9_]{1,60}$/);
  });

  it('keeps the names of the server where the definition wants no prefix', async () => {
    server.tools = ['transfer_to_human_agents', 'getItem', '2fa'].map((name) => schema(name));
    const tools = await open({ '*': {} }, { prefix: false }).tools();
    const names = tools.map(({ description }) => description.name);
    assert.deepEqual(names, ['transfer_to_human_agents', 'get_item', 'tool_2fa']);
  });

  it('is asked for again once a call was refused, and not otherwise', async () => {
    const source = open();
    const tool = await toolOf(source);
    await runTool(tool, { euros: 1 });
    await source.tools();
    assert.equal(lists(), 1);
    server.tools = [...server.tools, schema('pay_back')];
    for (const answer of [
      { error: { code: -32_602, message: 'Unknown tool: pay' } },
      { result: { ...words('Unknown tool: pay'), isError: true } },
    ]) {
      server.call = () => answer;
      const before = lists();
      await assert.rejects(runTool(tool, { euros: 1 }), { name: 'ToolRefusal' });
      assert.equal((await source.tools()).length, 2);
      assert.equal(lists(), before + 1);
    }
  });

  it('is asked for again over each new connection', async () => {
    const source = open();
    const tool = await toolOf(source);
    server.session = 's2';
    server.tools = [schema('pay', {}), schema('new_one')];
    await runTool(tool, { euros: 1 });
    assert.deepEqual(
      (await source.tools()).map(({ description }) => description.name),
      ['odd_pay', 'odd_new_one'],
    );
  });

  it('is the last one while the server gives none', async () => {
    const source = open();
    const before = await source.tools();
    server.call = () => ({ error: { code: -32_602, message: 'no' } });
    await failureOf(runTool(await toolOf(source), { euros: 1 }));
    server.gate = () => ({ status: 503 });
    assert.equal(await source.tools(), before);
  });
});

describe('arguments that do not fit', () => {
  it('are refused by the schema of today, never by an older one', async () => {
    const source = open({ '*': { effect: 'read' } });
    const tool = await toolOf(source);
    server.tools = [schema('pay', { cents: { type: 'integer' } }, ['cents'])];
    const today = await bindCall(tool, '{"cents":5}');
    assert.ok(today.ok);
    await today.run(contextForTool());
    assert.deepEqual(calls()[0]?.params['arguments'], { cents: 5 });
    const wrong = await bindCall(tool, '{"euros":"five"}');
    assert.ok(!wrong.ok);
    assert.match(wrong.problem, /cents/);
  });

  it('are left to the server where it cannot be asked what it takes', async () => {
    const tool = await toolOf(open());
    server.gate = () => ({ status: 503 });
    assert.ok((await bindCall(tool, '{"cents":5}')).ok);
  });

  it('for a tool that is gone are told so', async () => {
    const tool = await toolOf(open());
    server.tools = [schema('other')];
    const bound = await bindCall(tool, '{}');
    assert.ok(!bound.ok);
    assert.match(bound.problem, /"odd" has no pay any more/);
  });
});

describe('an error in the server’s own words', () => {
  const codes = [-32_000, -32_001, -32_042, -32_099, -32_602, -32_601, -32_600, 7];
  it('is a refusal whatever its code, and ends a call that must not run twice', async () => {
    const tool = await toolOf(open());
    for (const code of codes) {
      server.call = () => ({ error: { code, message: 'the quota is used up', data: { until: 'noon' } } });
      const error = await failureOf(runTool(tool, { euros: 1 }));
      assert.ok(error instanceof ToolRefusal, `${code}: ${error.name}`);
      assert.match(error.message, /"odd" answered pay with an error: the quota is used up \{"until":"noon"\}/);
    }
    assert.equal(calls().length, codes.length);
  });

  it('that it broke inside is tried again where that may be, and told where it may not', async () => {
    server.call = () => ({ error: { code: -32_603, message: 'division by zero' } });
    const once = await failureOf(runTool(await toolOf(open()), { euros: 1 }));
    assert.ok(once instanceof ToolRefusal);
    assert.match(once.message, /division by zero \(-32603\)\. It does not say whether it had begun/);
    const read = await failureOf(runTool(await toolOf(open({ '*': { effect: 'read' } })), { euros: 1 }));
    assert.ok(!(read instanceof ToolRefusal) && !(read instanceof DidNotAct));
    assert.match(read.message, /division by zero/);
  });
});

describe('an answer of HTTP that is no result', () => {
  const run = async (
    status: number,
    more: { body?: string; headers?: Record<string, string> } = {},
  ): Promise<Error> => {
    const tool = await toolOf(open());
    server.gate = () => ({ status, ...more });
    return failureOf(runTool(tool, { euros: 1 }));
  };

  it('names server, tool and status, and what to do, and says that nothing was done where that is sure', async () => {
    const barred = await run(401, { body: '{"error":"invalid_token"}' });
    assert.ok(barred instanceof DidNotAct);
    assert.match(barred.message, /"odd" answered pay with HTTP 401: .*invalid_token.* `auth` or `headers`/);
    server.gate = () => undefined;
    const busy = await run(429, { headers: { 'retry-after': '7' } });
    assert.ok(busy instanceof DidNotAct);
    assert.equal(busy.retryAfterMs, 7_000);
  });

  it('is a refusal where the request is found wrong, and of unknown outcome where something broke', async () => {
    assert.ok((await run(413, { body: 'too large' })) instanceof ToolRefusal);
    server.gate = () => undefined;
    const broken = await run(502, { body: '<html>Bad Gateway</html>' });
    assert.ok(!(broken instanceof ToolRefusal) && !(broken instanceof DidNotAct));
    assert.match(broken.message, /HTTP 502/);
  });
});

describe('a call that was surely not made', () => {
  it('says so where the connection is refused', async () => {
    const tool = await toolOf(open());
    server.close();
    // The connection that is kept may be found out with the first call.
    await failureOf(runTool(tool, { euros: 1 }));
    const error = await failureOf(runTool(tool, { euros: 1 }));
    assert.ok(error instanceof DidNotAct, String(error));
    assert.match(error.message, /"odd" .*ECONNREFUSED.*Start it, or mend its address\.$/);
  });

  it('and does not say so where the server hung up with the call in its hands', async () => {
    const tool = await toolOf(open());
    server.call = () => 'hang up';
    const error = await failureOf(runTool(tool, { euros: 1 }));
    assert.ok(!(error instanceof DidNotAct) && !(error instanceof ToolRefusal));
    assert.match(error.message, /"odd" .*broke off the call of pay/);
  });

  it('nor where nothing came back in time', async () => {
    server.call = () => 'never';
    const tool = await toolOf(open({ '*': { timeoutMs: 200 } }));
    const error = await failureOf(runTool(tool, { euros: 1 }));
    assert.ok(!(error instanceof DidNotAct) && !(error instanceof ToolRefusal));
    assert.match(error.message, /did not answer pay within 0\.2 s/);
  });
});

describe('a call as the server sees it', () => {
  it('says whose it is', async () => {
    await runTool(await toolOf(open()), { euros: 1 }, { subject: 'u-7', attempt: 3, idempotencyKey: 'k' });
    const { progressToken: _token, ...meta } = Object(calls()[0]?.params['_meta']);
    assert.deepEqual(meta, {
      idempotencyKey: 'k',
      task: 'test:1',
      tenant: 'default',
      agent: 'test',
      subject: 'u-7',
      attempt: 3,
    });
  });
});

describe('what is set of a tool', () => {
  it('is its effect, what happens when it is broken, its waits, limits and secrets', async () => {
    const setting = {
      whenBroken: 'tell',
      retry: { firstMs: 1_000, longestMs: 60_000 },
      limits: { atOnce: 2 },
      secrets: ['CRM'],
    } as const;
    const tool = await toolOf(open({ pay: setting }));
    const { whenBroken, retry, effect } = tool.description;
    assert.deepEqual({ whenBroken, retry, effect }, { whenBroken: 'tell', retry: setting.retry, effect: 'once' });
    assert.deepEqual([tool.limits, tool.secrets], [{ atOnce: 2 }, ['CRM']]);
    assert.match(tool.spec.description, /secret:\/\/CRM/);
  });

  it('is not what the server claims, unless that is trusted, and then only that it reads', async () => {
    server.tools = [
      schema('look', {}, [], { annotations: { readOnlyHint: true } }),
      schema('again', {}, [], { annotations: { readOnlyHint: false, idempotentHint: true, destructiveHint: false } }),
    ];
    const effects = async (more: Partial<McpUrl>): Promise<string[]> =>
      (await open({ '*': {} }, more).tools()).map(
        ({ description: { effect, approval } }) => `${effect} ${JSON.stringify(approval)}`,
      );
    assert.deepEqual(await effects({}), ['once "always"', 'once "always"']);
    assert.deepEqual(await effects({ trust: 'annotations' }), ['read "never"', 'once "always"']);
    const [look] = await open({ look: { effect: 'once' } }, { trust: 'annotations' }).tools();
    assert.equal(look?.description.effect, 'once');
    assert.deepEqual(look?.hints, { readOnly: true });
  });

  it('lets another tool look whether a call took effect, and another undo it', async () => {
    server.tools = [...server.tools, schema('find'), schema('pay_back')];
    const paid = new Set<unknown>();
    server.call = (name, { ref, euros }) => {
      if (name === 'find') return { result: { content: [], structuredContent: { paid: paid.has(ref) } } };
      return { result: words(`${name} ${String(euros)}`) };
    };
    const source = open({
      pay: {
        probe: {
          tool: 'find',
          arguments: ({ euros }, { idempotencyKey }) => ({ ref: `${idempotencyKey}/${String(euros)}` }),
          happened: ({ data }) => Object(data).paid === true,
        },
        compensate: {
          tool: 'pay_back',
          effect: 'idempotent',
          approval: 'always',
          arguments: ({ euros }, { result }) => ({ euros, of: result }),
        },
      },
    });
    const tool = await toolOf(source);
    assert.deepEqual(tool.description.undo, { effect: 'idempotent', approval: 'always' });
    const bound = tool.bind('{"euros":5}');
    assert.ok(bound.ok);
    const context = contextForTool({ idempotencyKey: 'k' });
    assert.deepEqual(await bound.probe?.(context), { kind: 'did-not-happen' });
    paid.add('k/5');
    assert.deepEqual(await bound.probe?.(context), { kind: 'happened', result: '{"paid":true}' });
    const done = { result: 'pay 5', idempotencyKey: 'k' };
    assert.equal(await bound.compensate?.(done, context), 'pay_back 5');
    assert.deepEqual(calls().at(-1)?.params['arguments'], { euros: 5, of: 'pay 5' });
  });

  it('is refused where it makes no sense', () => {
    const probe = { tool: 'find', arguments: () => ({}), happened: () => true };
    const compensate = { tool: 'undo', effect: 'once', arguments: () => ({}) } as const;
    const define =
      (tools: McpServerDefinition['tools'], more: Partial<McpUrl> = {}) =>
      () =>
        mcpServer({ name: 'odd', url: 'http://x', tools, ...more });
    assert.throws(define({ pay: { effect: 'idempotent', probe } }), /only a tool that must not run twice has a probe/);
    assert.throws(define({ pay: { effect: 'read', compensate } }), /does nothing that could be undone/);
    const auth = { clientId: () => 'a', clientSecret: () => 'b', issuer: 'nowhere' };
    assert.throws(define({ pay: {} }, { auth }), /the issuer "nowhere" is no URL/);
  });
});
