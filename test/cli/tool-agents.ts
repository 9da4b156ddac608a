import { z } from 'zod';
import { defineAgent } from '../../agents/define-agent.ts';
import { createHttpRequestTool, createReadFileTool, createSendMailTool } from '../../tools/builtin/index.ts';
import { mcpServer } from '../../tools/mcp/index.ts';
import { EVERYTHING_SERVER } from '../support/mcp-servers.ts';

const shared = { instructions: 'Work.', input: z.object({}), output: z.object({}), goal: () => 'Work.' };

/** For `waymark tools` and `waymark doctor`: built-in tools, and an MCP server that answers. */
export const clerk = defineAgent({
  ...shared,
  name: 'clerk',
  description: 'Has tools of every kind.',
  tools: [
    createHttpRequestTool({ hosts: ['api.example.com'] }),
    createReadFileTool({ root: '/srv/documents' }),
    createSendMailTool({ server: () => 'smtp://127.0.0.1:1', from: 'a@example.com', recipients: ['@example.com'] }),
    mcpServer({
      name: 'all',
      command: [process.execPath, EVERYTHING_SERVER],
      tools: { echo: { effect: 'read' }, 'get-sum': {} },
    }),
  ],
});

/** An agent whose server is not there. */
export const orphan = defineAgent({
  ...shared,
  name: 'orphan',
  description: 'Has lost its server.',
  tools: [mcpServer({ name: 'lost', command: ['/nowhere/server'], tools: { '*': {} } })],
});
