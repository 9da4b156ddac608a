import { Hono } from 'hono';
import type { Environment } from '../http/environment.ts';
import { limitBody, requireJson } from '../http/guard-body.ts';
import { createMcpServer } from './create-mcp-server.ts';
import { loadSdk } from './load-sdk.ts';

/**
 * MCP over streamable HTTP, without sessions: each request stands for itself and carries its key, so it does not matter
 * which service answers it.
 */
export function createMcpEndpoint(version: string): Hono<Environment> {
  const endpoint = new Hono<Environment>();
  endpoint.post('/mcp', limitBody, requireJson, async (c) => {
    const sdk = await loadSdk();
    const server = createMcpServer(sdk, c.var.desk, version);
    const transport = new sdk.WebStandardStreamableHTTPServerTransport({ enableJsonResponse: true });
    await server.connect(transport);
    try {
      return await transport.handleRequest(c.req.raw, { parsedBody: await c.req.json() });
    } finally {
      await server.close();
    }
  });
  return endpoint;
}
