import type { CallToolResult, Tool as ListedTool } from '@modelcontextprotocol/sdk/types.js';
import { decodeArguments } from '../../contracts/decode-by-schema.ts';
import type { Tool, ToolContext } from '../define-tool.ts';
import type { McpToolSetting } from './mcp-definition.ts';
import type { McpCall } from './mcp-call.ts';
import { resultOf } from './mcp-result.ts';
import { toolNameOf } from './tool-name.ts';

const DEFAULT_TIMEOUT_MS = 60_000;
const DEFAULT_ATTEMPTS = 5;

/** Says what is wrong with a call's arguments, in words that name the failing paths. */
export type CheckArguments = (args: unknown) => string | undefined;

export interface McpToolParts {
  /** The server's name. */
  readonly server: string;
  readonly listed: ListedTool;
  readonly setting: McpToolSetting;
  readonly check: CheckArguments;
  readonly call: (call: McpCall, context: ToolContext) => Promise<CallToolResult>;
}

/** A server's tool as one of ours: its input schema goes to the model as it is. */
export function createMcpTool({ server, listed, setting, check, call }: McpToolParts): Tool {
  const { effect = 'once', timeoutMs = DEFAULT_TIMEOUT_MS, attempts = DEFAULT_ATTEMPTS } = setting;
  const name = toolNameOf(server, listed.name);
  const description = listed.description ?? listed.title ?? listed.name;
  return {
    description: {
      name,
      effect,
      approval: setting.approval ?? (effect === 'read' ? 'never' : 'always'),
      timeoutMs,
      attempts,
      whenBroken: effect === 'read' ? 'tell' : 'block',
    },
    spec: { name, description, parameters: listed.inputSchema },
    from: `mcp:${server}`,
    grants: [],
    bind: (rawArguments) => {
      const decoded = decodeArguments(listed.inputSchema, rawArguments, listed.name);
      if (!decoded.ok) return decoded;
      const problem = check(decoded.value);
      if (problem !== undefined)
        return { ok: false, problem: `The arguments do not fit: ${problem}. Send them again.` };
      const made = { server, name: listed.name, arguments: { ...decoded.value }, timeoutMs };
      return { ok: true, arguments: decoded.text, run: async (context) => resultOf(await call(made, context)) };
    },
  };
}
