import { Problem } from '../problems.ts';

/** Loads the MCP SDK, which only services that speak MCP have to install. @throws Problem saying how to install it */
export async function loadSdk() {
  try {
    const [{ McpServer }, { WebStandardStreamableHTTPServerTransport }, { StdioServerTransport }] = await Promise.all([
      import('@modelcontextprotocol/sdk/server/mcp.js'),
      import('@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js'),
      import('@modelcontextprotocol/sdk/server/stdio.js'),
    ]);
    return { McpServer, WebStandardStreamableHTTPServerTransport, StdioServerTransport };
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error) || error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
    const detail = 'MCP needs the package "@modelcontextprotocol/sdk"; run `npm install @modelcontextprotocol/sdk`.';
    throw new Problem('not-found', detail, { cause: error });
  }
}

export type McpSdk = Awaited<ReturnType<typeof loadSdk>>;
