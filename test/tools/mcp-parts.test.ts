import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AttachedResult } from '../../tools/attachments.ts';
import { compactJson } from '../../tools/mcp/compact-json.ts';
import { settingOf } from '../../tools/mcp/mcp-definition.ts';
import { resultOf } from '../../tools/mcp/mcp-result.ts';
import { createMcpSession } from '../../tools/mcp/mcp-session.ts';
import type { McpConnection } from '../../tools/mcp/mcp-connection.ts';
import { toolNameOf } from '../../tools/mcp/tool-name.ts';

describe('the name of a server’s tool', () => {
  it('is snake case behind the server’s name', () => {
    assert.equal(toolNameOf('git', 'get-sum'), 'git_get_sum');
    assert.equal(toolNameOf('git', 'listPullRequests'), 'git_list_pull_requests');
    assert.equal(toolNameOf('git', 'repo/file.read'), 'git_repo_file_read');
  });

  it('stays within 64 characters and different for different tools', () => {
    const [one, other] = ['a', 'b'].map((end) => toolNameOf('git', `${'long'.repeat(30)}${end}`));
    assert.equal(one?.length, 64);
    assert.notEqual(one, other);
  });
});

describe('the setting of a server’s tool', () => {
  it('is its own, or that of all others, or there is none', () => {
    assert.deepEqual(settingOf({ tools: { echo: { effect: 'read' }, '*': {} } }, 'echo'), { effect: 'read' });
    assert.deepEqual(settingOf({ tools: { '*': { timeoutMs: 5 } } }, 'echo'), { timeoutMs: 5 });
    assert.equal(settingOf({ tools: { echo: {} } }, 'other'), undefined);
    assert.equal(settingOf({ tools: { echo: {} } }, 'constructor'), undefined);
  });
});

describe('a server’s result', () => {
  it('that says it failed is a refusal in the server’s words', () => {
    const failed = { content: [{ type: 'text' as const, text: 'no such file' }], isError: true };
    assert.throws(() => resultOf(failed), { name: 'ToolRefusal', message: 'no such file' });
    assert.throws(() => resultOf({ content: [], isError: true }), { name: 'ToolRefusal' });
  });

  it('with structured content alone is told as JSON, and an empty one as done', () => {
    assert.equal(resultOf({ content: [], structuredContent: { left: 2 } }), '{"left":2}');
    assert.equal(resultOf({ content: [] }), 'Done.');
  });

  it('keeps binary documents, and names one that is too large to keep', () => {
    const small = Buffer.from('%PDF').toString('base64');
    const large = Buffer.alloc(5 * 1024 * 1024).toString('base64');
    const resource = (blob: string) => ({
      type: 'resource' as const,
      resource: { uri: 'file:///a.pdf', mimeType: 'application/pdf', blob },
    });
    const kept = resultOf({ content: [resource(small)] });
    assert.ok(kept instanceof AttachedResult);
    assert.deepEqual([kept.attachments[0]?.name, kept.attachments[0]?.mediaType], ['file:///a.pdf', 'application/pdf']);
    assert.match(String(resultOf({ content: [resource(large)] })), /application\/pdf, 5242880 bytes: too large/);
  });
});

describe('the session with a server', () => {
  function connectionOf(): McpConnection & { end: () => void; closed: number } {
    let ended = false;
    return {
      get client(): never {
        throw new Error('not used here');
      },
      ended: () => ended,
      onToolsChanged: () => undefined,
      close: async function () {
        this.closed += 1;
      },
      end: () => {
        ended = true;
      },
      closed: 0,
    };
  }

  it('connects once for all who ask at the same time, and not before', async () => {
    let made = 0;
    const session = createMcpSession(async () => {
      made += 1;
      return connectionOf();
    });
    assert.equal(made, 0);
    const [one, other] = await Promise.all([session.connection(), session.connection()]);
    assert.equal(one, other);
    assert.equal(made, 1);
  });

  it('connects again after the end, after a drop and after a failure', async () => {
    const connections = [connectionOf(), connectionOf(), connectionOf()];
    let made = 0;
    const session = createMcpSession(async () => {
      made += 1;
      const next = connections[made - 1];
      if (!next) throw new Error('not today');
      return next;
    });
    const [first, second, third] = connections;
    assert.equal(await session.connection(), first);
    first?.end();
    const both = await Promise.all([session.connection(), session.connection()]);
    assert.deepEqual(both, [second, second]);
    assert.ok(second);
    await session.drop(second);
    assert.equal(second.closed, 1);
    assert.equal(await session.connection(), third);
    third?.end();
    await assert.rejects(session.connection(), /not today/);
    connections.push(connectionOf(), connectionOf());
    assert.equal(await session.connection(), connections[4]);
    await session.close();
    assert.equal(connections[4]?.closed, 1);
  });
});

describe('data beside a server’s text', () => {
  const told = (text: string | readonly string[], structuredContent: unknown): unknown =>
    resultOf({ content: [text].flat().map((one) => ({ type: 'text', text: one })), structuredContent });

  it('is told where the text does not say it, and once where it does', () => {
    assert.equal(told('2 items', { items: [{ id: 'X-1' }] }), '2 items\n{"items":[{"id":"X-1"}]}');
    assert.equal(told('{ "id": 1,\n "n": [1, 2] }', { n: [1, 2], id: 1 }), '{"id":1,"n":[1,2]}');
    assert.equal(told('hello', { result: 'hello' }), 'hello');
    assert.equal(told('7', { result: 7 }), '7');
    assert.equal(told(['{"a":1}', '{"a":2}'], { result: [{ a: 1 }, { a: 2 }] }), '{"a":1}\n{"a":2}');
    assert.equal(told('Account 12 is open', { open: 1 }), 'Account 12 is open\n{"open":1}');
  });

  it('goes with a refusal, too', () => {
    const failed = {
      content: [{ type: 'text', text: 'no seat' }],
      structuredContent: { left: ['12A'] },
      isError: true,
    };
    assert.throws(() => resultOf(failed), { name: 'ToolRefusal', message: 'no seat\n{"left":["12A"]}' });
  });
});

describe('blocks that the protocol does not know', () => {
  it('are told as far as they can be read, beside those that it knows', () => {
    const content = [
      { type: 'video', uri: 'file:///v' },
      { type: 'resource_link', uri: 'file:///a' },
      { type: 'text' },
      null,
      'a plain text',
      { type: 'resource', resource: { uri: 'file:///r' } },
      { type: 'text', text: 'and words' },
    ];
    assert.deepEqual(String(resultOf({ content })).split('\n'), [
      '[a block of kind "video": {"type":"video","uri":"file:///v"}]',
      '[link to file:///a]',
      '[a block of kind "text": {"type":"text"}]',
      '[a block of no kind: null]',
      'a plain text',
      '[a block of kind "resource": {"type":"resource","resource":{"uri":"file:///r"}}]',
      'and words',
    ]);
    assert.equal(resultOf({ content: 'not a list' }), 'not a list');
    assert.equal(resultOf({ toolResult: { old: true } }), '{"old":true}');
    assert.equal(resultOf({}), 'Done.');
  });
});

describe('JSON without its blanks', () => {
  it('keeps every character that says something', () => {
    const text = '{\n  "a b": "x  \\" y\\\\",\n  "n": 12345678901234567890.10,\n  "a b": [ 1 , 2 ]\n}';
    assert.equal(compactJson(text), '{"a b":"x  \\" y\\\\","n":12345678901234567890.10,"a b":[1,2]}');
    for (const other of ['no { json', '{ broken', ' 12 ', '{ "a": 1 } and more'])
      assert.equal(compactJson(other), other);
  });
});
