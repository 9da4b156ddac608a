import type { ToolEffect } from '../../contracts/agent.ts';
import type { ApprovalPolicy } from '../../contracts/approval-policy.ts';

/** How one tool of a server is treated. What the server itself says of its effect is a hint, and not believed. */
export interface McpToolSetting {
  /** Default `once`. */
  readonly effect?: ToolEffect;
  /** Default `never` for a tool set to `read`, otherwise `always`. */
  readonly approval?: ApprovalPolicy;
  /** Bound on one attempt. Default 60 seconds. */
  readonly timeoutMs?: number;
  /** Attempts while the server is broken. Default 5; a `once` tool has one. */
  readonly attempts?: number;
}

interface McpServerOptions {
  /** Snake case, at most 32 characters; its tools are named `NAME_TOOL`. */
  readonly name: string;
  /** The tools that may be called, by the server's own names. `'*'` sets all that are not named; without it they are not there. */
  readonly tools: Readonly<Record<string, McpToolSetting>>;
}

/** A server that the worker starts and speaks to over its standard input and output. */
export interface McpCommand extends McpServerOptions {
  /** Program and arguments; no shell reads them. */
  readonly command: readonly [program: string, ...args: string[]];
  /** Read when the server is started, where the worker runs. Beside it the server gets PATH, HOME and the like. */
  readonly env?: () => Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** A server that runs by itself and speaks streamable HTTP. */
export interface McpUrl extends McpServerOptions {
  readonly url: string;
  /** Read at each connection, e.g. for an `authorization` header. */
  readonly headers?: () => Readonly<Record<string, string>>;
}

export type McpServerDefinition = McpCommand | McpUrl;

/** Where a server is, for people. */
export function addressOf(definition: McpServerDefinition): string {
  return 'url' in definition ? definition.url : definition.command.join(' ');
}

/** The setting of a tool, or `undefined` where it may not be called. */
export function settingOf({ tools }: Pick<McpServerDefinition, 'tools'>, name: string): McpToolSetting | undefined {
  return Object.hasOwn(tools, name) && name !== '*' ? tools[name] : tools['*'];
}
