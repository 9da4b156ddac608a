import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { serve } from './loopback.ts';

/** What an odd server answers a message: JSON-RPC, or a status of HTTP. */
export type OddAnswer =
  | { readonly result: object }
  | { readonly error: { readonly code: number; readonly message: string; readonly data?: unknown } }
  | { readonly status: number; readonly body?: string; readonly headers?: Record<string, string> }
  | 'hang up'
  | 'never';

export interface OddMcpServer {
  readonly url: string;
  readonly port: number;
  /** Each may be changed while it runs. */
  tools: readonly unknown[];
  call: (name: string, args: Record<string, unknown>) => OddAnswer;
  /** Before everything else; `undefined` goes on. */
  gate: (request: IncomingMessage) => OddAnswer | undefined;
  /** Another one is another process. */
  session: string;
  readonly asked: { readonly method: string; readonly params: Record<string, Record<string, unknown>> }[];
  close(): void;
}

/** An MCP server over HTTP of a few lines, because the SDK's own would not misbehave. */
export async function startOddMcpServer(port = 0): Promise<OddMcpServer> {
  const server = await serve((request, response) => answerTo(odd, request, response), '127.0.0.1', port);
  const odd: OddMcpServer = {
    url: `${server.url}/mcp`,
    port: server.port,
    tools: [],
    call: () => ({ result: { content: [{ type: 'text', text: 'done' }] } }),
    gate: () => undefined,
    session: 's1',
    asked: [],
    close: server.close,
  };
  return odd;
}

async function answerTo(odd: OddMcpServer, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method !== 'POST') return void response.writeHead(405).end();
  const message = Object(JSON.parse(await text(request)));
  const barred = odd.gate(request);
  if (barred !== undefined) return send(response, message.id, barred);
  if (message.method === 'initialize') {
    const { protocolVersion } = message.params;
    const result = { protocolVersion, capabilities: { tools: {} }, serverInfo: { name: 'odd', version: '1' } };
    response.setHeader('mcp-session-id', odd.session);
    return send(response, message.id, { result });
  }
  if (request.headers['mcp-session-id'] !== odd.session) return void response.writeHead(404).end('Session not found');
  if (message.id === undefined) return void response.writeHead(202).end();
  odd.asked.push({ method: message.method, params: Object(message.params) });
  if (message.method === 'tools/list') return send(response, message.id, { result: { tools: odd.tools } });
  if (message.method !== 'tools/call') return send(response, message.id, { error: { code: -32601, message: 'no' } });
  return send(response, message.id, odd.call(message.params.name, message.params.arguments));
}

function send(response: ServerResponse, id: unknown, answer: OddAnswer): void {
  if (answer === 'never') return;
  if (answer === 'hang up') return void response.destroy();
  if ('status' in answer) return void response.writeHead(answer.status, answer.headers).end(answer.body);
  response
    .writeHead(200, { 'content-type': 'application/json' })
    .end(JSON.stringify({ jsonrpc: '2.0', id, ...answer }));
}
