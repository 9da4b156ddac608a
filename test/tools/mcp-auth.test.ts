import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { DidNotAct } from '../../tools/did-not-act.ts';
import { mcpServer } from '../../tools/mcp/index.ts';
import type { McpUrl } from '../../tools/mcp/index.ts';
import { SourceAway } from '../../tools/tool-source.ts';
import type { OpenToolSource } from '../../tools/tool-source.ts';
import type { LoopbackServer } from '../support/loopback.ts';
import { serve } from '../support/loopback.ts';
import type { OddMcpServer } from '../support/odd-mcp-server.ts';
import { startOddMcpServer } from '../support/odd-mcp-server.ts';
import { runTool } from '../support/run-tool.ts';

/** An authorization server for programs: gives `t1`, `t2`, … to a client that knows the secret. */
let issuer: LoopbackServer;
let asked: { authorization: string | undefined; body: string }[] = [];
/** The server of the tools, which wants the newest token. */
let server: OddMcpServer;
let wanted = '';
let sources: OpenToolSource[] = [];

before(async () => {
  issuer = await serve(answerOfIssuer);
});
after(() => issuer.close());
beforeEach(async () => {
  asked = [];
  wanted = 't1';
  server = await startOddMcpServer();
  server.tools = [{ name: 'look', inputSchema: { type: 'object' } }];
  server.gate = ({ headers }) =>
    headers.authorization === `Bearer ${wanted}`
      ? undefined
      : { status: 401, body: 'who are you', headers: challenge() };
});
afterEach(async () => {
  await Promise.all(sources.map((source) => source.close()));
  sources = [];
  server.close();
});

function challenge(): Record<string, string> {
  return { 'www-authenticate': `Bearer resource_metadata="${issuer.url}/resource"` };
}

async function answerOfIssuer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const json = (value: object, status = 200): void =>
    void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
  if (request.url === '/resource') {
    return json({ resource: server.url, authorization_servers: [issuer.url] });
  }
  if (request.url?.startsWith('/.well-known/oauth-authorization-server')) {
    const endpoints = { authorization_endpoint: `${issuer.url}/authorize`, token_endpoint: `${issuer.url}/token` };
    return json({ issuer: issuer.url, ...endpoints, response_types_supported: ['code'] });
  }
  if (request.url !== '/token') return void response.writeHead(404).end();
  const { authorization } = request.headers;
  asked.push({ authorization, body: await text(request) });
  if (authorization !== `Basic ${Buffer.from('clerk:pssst').toString('base64')}`) {
    return json({ error: 'invalid_client', error_description: 'unknown client' }, 401);
  }
  return json({ access_token: `t${asked.length}`, token_type: 'Bearer', expires_in: 60 });
}

function open(auth: NonNullable<McpUrl['auth']>): OpenToolSource {
  const source = mcpServer({ name: 'locked', url: server.url, tools: { '*': {} }, auth }).open();
  sources.push(source);
  return source;
}

const credentials = (secret = 'pssst', at = issuer.url) => ({
  clientId: () => 'clerk',
  clientSecret: () => secret,
  issuer: at,
});

describe('a remote server behind OAuth', () => {
  it('is called with a token that the worker fetches for itself, and with another where one is refused', async () => {
    const [tool] = await open(credentials()).tools();
    assert.ok(tool);
    assert.equal(await runTool(tool, {}), 'done');
    assert.equal(asked.length, 1);
    assert.match(asked[0]?.body ?? '', /grant_type=client_credentials/);
    wanted = 't2';
    assert.equal(await runTool(tool, {}), 'done');
    assert.equal(asked.length, 2);
  });

  it('that does not know the client is told with what to mend', async () => {
    await assert.rejects(open(credentials('wrong')).tools(), (error) => {
      assert.ok(error instanceof SourceAway);
      assert.match(error.message, /"locked" .*does not let us in: HTTP 401.*unknown client/);
      assert.match(error.remedy, /`auth`/);
      return true;
    });
  });

  it('never sees the secret where it names another authorization server', async () => {
    await assert.rejects(open(credentials('pssst', 'https://auth.example.com')).tools(), /auth\.example\.com/);
    assert.equal(asked.length, 0);
  });

  it('is called with a token that is given, read anew for each request', async () => {
    let token = 't1';
    const [tool] = await open({ token: () => token }).tools();
    assert.ok(tool);
    wanted = 't9';
    const refused: unknown = await runTool(tool, {}).catch((error: unknown) => error);
    assert.ok(refused instanceof DidNotAct);
    assert.match(refused.message, /"locked" .*look.*HTTP 401: the token was refused/);
    token = 't9';
    assert.equal(await runTool(tool, {}), 'done');
    assert.equal(asked.length, 0);
  });
});
