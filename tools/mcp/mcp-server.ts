import { approvalPolicyProblem } from '../../contracts/approval-policy.ts';
import type { Tool } from '../define-tool.ts';
import type { OpenToolSource, ToolSource } from '../tool-source.ts';
import { ToolRefusal } from '../refusal.ts';
import { allowedTools } from './allowed-tools.ts';
import { authProblem } from './mcp-auth.ts';
import { callMcpTool } from './mcp-call.ts';
import { createMcpCatalog } from './mcp-catalog.ts';
import { connectMcp } from './mcp-connection.ts';
import { addressOf, settingOf } from './mcp-definition.ts';
import type { McpServerDefinition } from './mcp-definition.ts';
import { listFailure } from './mcp-failure.ts';
import type { McpListing } from './mcp-list.ts';
import { listMcpTools } from './mcp-list.ts';
import { createMcpSession, overSession } from './mcp-session.ts';
import type { McpSession } from './mcp-session.ts';
import type { McpToolParts } from './mcp-tool.ts';

const SERVER_NAME = /^[a-z][a-z0-9_]{0,31}$/;
const LIST_MS = 30_000;

/**
 * The tools of an MCP server, for an agent's `tools`. Nothing is connected or started here: a worker does it when it
 * first needs the tools, again when the connection was lost, and ends it when it stops itself.
 *
 * @throws TypeError when a name is no snake case, a URL is none, no tool is allowed, or a tool's setting makes no sense
 * @example
 * mcpServer({
 *   name: 'files',
 *   command: ['npx', '-y', '@modelcontextprotocol/server-filesystem', '/srv/shared'],
 *   tools: { read_text_file: { effect: 'read' }, write_file: { effect: 'idempotent' } },
 * })
 */
export function mcpServer(definition: McpServerDefinition): ToolSource {
  const { name, tools } = definition;
  const problem = definitionProblem(definition) ?? settingProblem(tools);
  if (problem !== undefined) throw new TypeError(`MCP server "${name}": ${problem}`);
  return { kind: 'mcp', name, address: addressOf(definition), open: () => openServer(definition) };
}

function definitionProblem(definition: McpServerDefinition): string | undefined {
  if (!SERVER_NAME.test(definition.name)) return 'a name is snake case, starts with a letter, at most 32 characters';
  if (Object.keys(definition.tools).length === 0) return `name the tools that may be called, or '*' for all of them`;
  if (!('url' in definition)) return undefined;
  const { url, auth } = definition;
  if (!(URL.canParse(url) && /^https?:/i.test(url))) return `"${url}" is no http address`;
  return auth && authProblem(auth);
}

function settingProblem(tools: McpServerDefinition['tools']): string | undefined {
  for (const [tool, { approval = 'never', effect, probe, compensate }] of Object.entries(tools)) {
    const problem = approvalPolicyProblem(approval);
    if (problem !== undefined) return `approval of ${tool}: ${problem}`;
    if (probe && effect !== undefined && effect !== 'once') {
      return `${tool}: only a tool that must not run twice has a probe; its effect is ${effect}`;
    }
    if (compensate && effect === 'read') return `${tool}: a tool that only reads does nothing that could be undone`;
  }
  return undefined;
}

function openServer(definition: McpServerDefinition): OpenToolSource {
  const session = createMcpSession(async () => {
    const connection = await connectMcp(definition);
    connection.onToolsChanged(() => catalog.doubt());
    return connection;
  });
  const catalog = createMcpCatalog({ list: () => listOf(definition, session), connections: () => session.made() });
  const call: McpToolParts['call'] = (made, context) =>
    callMcpTool({ definition, session }, made, context).then(
      (result) => {
        if (result['isError'] === true) catalog.doubt();
        return result;
      },
      (error: unknown) => {
        // "Unknown tool" and "invalid params" come in many words, so that any refusal has the list looked at.
        if (error instanceof ToolRefusal) catalog.doubt();
        throw error;
      },
    );
  const renewed = async (name: string): Promise<Tool | undefined> =>
    (await toolsFrom(await catalog.renewed())).find(({ description }) => description.name === name);
  const toolsFrom = lastOf((listing: McpListing) => allowedTools(definition, listing, { call, renewed }));

  return {
    tools: async () => toolsFrom(await catalog.current()),
    leftOut: () => (catalog.known()?.leftOut ?? []).filter(({ name }) => settingOf(definition, name) !== undefined),
    close: () => session.close(),
  };
}

/** The same list gives the same tools, whose schemas are then compiled once. */
function lastOf<Given, Result>(make: (given: Given) => Result): (given: Given) => Result {
  let last: { readonly given: Given; readonly result: Result } | undefined;
  return (given) => {
    if (last?.given !== given) last = { given, result: make(given) };
    return last.result;
  };
}

async function listOf(definition: McpServerDefinition, session: McpSession): Promise<McpListing> {
  const asked = await overSession(session, (connection) => listMcpTools(connection, LIST_MS));
  if (asked.kind === 'done') return asked.result;
  throw asked.kind === 'broke' ? await listFailure(definition, asked.error) : asked.error;
}
