import { z } from 'zod';
import { defineAgent } from '../../agents/define-agent.ts';
import { createHttpRequestTool, createReadFileTool, createSendMailTool } from '../../tools/builtin/index.ts';
import type { Tool } from '../../tools/define-tool.ts';
import { mcpServer } from '../../tools/mcp/index.ts';
import { EVERYTHING_SERVER } from '../support/mcp-servers.ts';

const shared = { instructions: 'Work.', input: z.object({}), output: z.object({}), goal: () => 'Work.' };

const readFile = createReadFileTool({ root: '/srv/documents' });

/** A tool whose schema no model server takes. */
const odd: Tool = {
  ...readFile,
  description: { ...readFile.description, name: 'odd' },
  spec: { ...readFile.spec, name: 'odd', parameters: { type: 'object', properties: { a: { $ref: '#/$defs/gone' } } } },
};

/** For `waymark tools` and `waymark doctor`: built-in tools, and an MCP server that answers. */
export const clerk = defineAgent({
  ...shared,
  name: 'clerk',
  description: 'Has tools of every kind.',
  tools: [
    createHttpRequestTool({ hosts: ['api.example.com'] }),
    readFile,
    odd,
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

function verbose(name: string, words: number): Tool {
  const description = `Does ${name}. ${'It says a great deal about how that is done. '.repeat(words)}`;
  return {
    ...readFile,
    description: { ...readFile.description, name },
    spec: { ...readFile.spec, name, description },
  };
}

/** An agent with more tools than its policy has room for, one of them larger than all of that room. */
export const crowded = defineAgent({
  ...shared,
  name: 'crowded',
  description: 'Has more tools than fit.',
  policy: { context: { instructions: 400, tools: 1_200 } },
  tools: [verbose('small_one', 1), verbose('long_one', 40), verbose('longer_one', 40), verbose('endless_one', 400)],
});
