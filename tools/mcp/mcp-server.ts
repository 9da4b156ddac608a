import type { Tool as ListedTool } from '@modelcontextprotocol/sdk/types.js';
import { approvalPolicyProblem } from '../../contracts/approval-policy.ts';
import type { Tool } from '../define-tool.ts';
import type { OpenToolSource, ToolSource } from '../tool-source.ts';
import { callMcpTool } from './mcp-call.ts';
import { connectMcp } from './mcp-connection.ts';
import type { McpConnection } from './mcp-connection.ts';
import { addressOf, settingOf } from './mcp-definition.ts';
import type { McpServerDefinition } from './mcp-definition.ts';
import { createMcpSession } from './mcp-session.ts';
import type { McpSession } from './mcp-session.ts';
import type { CheckArguments } from './mcp-tool.ts';
import { createMcpTool } from './mcp-tool.ts';

const SERVER_NAME = /^[a-z][a-z0-9_]{0,31}$/;
const MOST_PAGES = 100;

/**
 * The tools of an MCP server, for an agent's `tools`. Nothing is connected or started here: a worker does it when it
 * first needs the tools, again when the connection was lost, and ends it when it stops itself.
 *
 * @throws TypeError when a name is no snake case, a URL is none, no tool is allowed, or an approval policy is malformed
 * @example
 * mcpServer({
 *   name: 'files',
 *   command: ['npx', '-y', '@modelcontextprotocol/server-filesystem', '/srv/shared'],
 *   tools: { read_text_file: { effect: 'read' }, write_file: { effect: 'idempotent' } },
 * })
 */
export function mcpServer(definition: McpServerDefinition): ToolSource {
  const { name, tools } = definition;
  if (!SERVER_NAME.test(name)) {
    throw new TypeError(`MCP server "${name}": a name is snake case, starts with a letter, at most 32 characters`);
  }
  if (Object.keys(tools).length === 0) {
    throw new TypeError(`MCP server "${name}": name the tools that may be called, or '*' for all of them`);
  }
  if ('url' in definition && !(URL.canParse(definition.url) && /^https?:/i.test(definition.url))) {
    throw new TypeError(`MCP server "${name}": "${definition.url}" is no http address`);
  }
  for (const [tool, { approval = 'never' }] of Object.entries(tools)) {
    const problem = approvalPolicyProblem(approval);
    if (problem !== undefined) throw new TypeError(`MCP server "${name}": approval of ${tool}: ${problem}`);
  }
  return { kind: 'mcp', name, address: addressOf(definition), open: () => openServer(definition) };
}

function openServer(definition: McpServerDefinition): OpenToolSource {
  const session = createMcpSession(() => connectMcp(definition));
  let known: { readonly connection: McpConnection; readonly tools: readonly Tool[] } | undefined;
  let stale = true;
  return {
    // What a server once offered is offered on while it is away: a task that does not need it now is not held up.
    tools: async () => {
      if (known && !stale) return known.tools;
      const connection = await session.connection();
      if (connection !== known?.connection) connection.onToolsChanged(() => (stale = true));
      stale = false;
      const tools = await listTools(definition, session, connection).catch((error: unknown) => {
        stale = true;
        throw error;
      });
      known = { connection, tools };
      return tools;
    },
    close: () => session.close(),
  };
}

async function listTools(
  definition: McpServerDefinition,
  session: McpSession,
  { client }: McpConnection,
): Promise<readonly Tool[]> {
  const listed: ListedTool[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const { tools, nextCursor } = await client.listTools(cursor === undefined ? {} : { cursor });
    listed.push(...tools);
    if (nextCursor === undefined) break;
    cursor = nextCursor;
  }
  const checkOf = await createChecks();
  const allowed = listed.flatMap((tool) => {
    const setting = settingOf(definition, tool.name);
    if (!setting) return [];
    const call: Parameters<typeof createMcpTool>[0]['call'] = (made, context) => callMcpTool(session, made, context);
    return [createMcpTool({ server: definition.name, listed: tool, setting, check: checkOf(tool), call })];
  });
  return distinct(definition.name, allowed);
}

/** Arguments are checked by the server's own schema; one that cannot be read here is left to the server. */
async function createChecks(): Promise<(tool: ListedTool) => CheckArguments> {
  const { AjvJsonSchemaValidator } = await import('@modelcontextprotocol/sdk/validation/ajv');
  const validator = new AjvJsonSchemaValidator();
  return ({ inputSchema }) => {
    try {
      const validate = validator.getValidator(Object(inputSchema));
      return (args) => validate(args).errorMessage;
    } catch {
      return () => undefined;
    }
  };
}

function distinct(server: string, tools: readonly Tool[]): readonly Tool[] {
  const names = tools.map(({ description }) => description.name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice === undefined) return tools;
  throw new Error(`MCP server "${server}" has two tools that would be named "${twice}"; allow only one of them.`);
}
