import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import type { Desk } from '../desk.ts';
import type { McpSdk } from './load-sdk.ts';
import { addMemoryTools } from './memory-tools.ts';
import { addMessageTools } from './message-tools.ts';
import { addReadingTools } from './reading-tools.ts';
import { addStartTool } from './start-tool.ts';

const INSTRUCTIONS =
  'Waymark runs agent tasks that last for hours or months. Start one with start_task, follow it with follow_task, and ' +
  'look with inbox at what it asks. Answer only what the person you work for has decided.';

/** An MCP server over one caller's desk. It has the tools that the caller has the rights for, and no others. */
export function createMcpServer(
  { McpServer: Server }: Pick<McpSdk, 'McpServer'>,
  desk: Desk,
  version: string,
): McpServer {
  const server = new Server({ name: 'waymark', version }, { instructions: INSTRUCTIONS });
  const { rights } = desk.caller;
  if (rights.includes('read')) addReadingTools(server, desk);
  if (rights.includes('start')) addStartTool(server, desk);
  addMessageTools(server, desk);
  if (rights.includes('memories')) addMemoryTools(server, desk);
  return server;
}
