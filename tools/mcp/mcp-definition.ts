import type { ToolEffect } from '../../contracts/agent.ts';
import type { ApprovalPolicy } from '../../contracts/approval-policy.ts';
import type { DoneCall } from '../compensation.ts';
import type { ToolContext, ToolRetry } from '../define-tool.ts';
import type { ToolLimits } from '../tool-gate.ts';

/** Arguments of a server's tool. */
export type McpArguments = Readonly<Record<string, unknown>>;

/** What a server's tool answered, for the code that judges it. */
export interface McpAnswer {
  /** As the model would be told it. */
  readonly text: string;
  /** `structuredContent`; without it the text as JSON, where it is some; otherwise `undefined`. */
  readonly data: unknown;
  /** The server said that it cannot be done, e.g. that there is no such thing. */
  readonly refused: boolean;
}

/** Looks by another tool of the server, which only reads, whether a call of a `once` tool took effect. */
export interface McpProbe {
  /** The server's own name of the tool that looks. It needs no entry in `tools`. */
  readonly tool: string;
  readonly arguments: (given: McpArguments, context: ToolContext) => McpArguments;
  /** `true`: it happened, and the answer is its result. `false`: it did not. `undefined`: nobody knows. */
  readonly happened: (answer: McpAnswer, given: McpArguments) => boolean | undefined;
}

/** Undoes a completed call by another tool of the server. */
export interface McpCompensation {
  /** The server's own name of the tool that undoes. It needs no entry in `tools`. */
  readonly tool: string;
  readonly effect: 'idempotent' | 'once';
  /** Whether undoing a call needs a person's yes beside the asking. Default `never`. */
  readonly approval?: 'always' | 'never';
  readonly arguments: (given: McpArguments, done: DoneCall) => McpArguments;
}

/** How one tool of a server is treated. */
export interface McpToolSetting {
  /**
   * Default `once`; with `trust: 'annotations'`, `read` where the server says that it only reads. `idempotent` is for a
   * server that honours `_meta.idempotencyKey`: MCP's own `idempotentHint` says less.
   */
  readonly effect?: ToolEffect;
  /** Default `never` for a tool that only reads, otherwise `always`. */
  readonly approval?: ApprovalPolicy;
  /** Bound on one attempt. Default 60 seconds. */
  readonly timeoutMs?: number;
  /** Attempts while the server is broken. Default 5; a `once` call that may have acted has one. */
  readonly attempts?: number;
  /** Waits between attempts. Default: the policy's, of stage `executeTool`. */
  readonly retry?: ToolRetry;
  /** Default `tell` for a tool that only reads, otherwise `block`. */
  readonly whenBroken?: 'tell' | 'block';
  /** Bounds over all workers. Default: none. */
  readonly limits?: ToolLimits;
  /** Names of secrets that the model may hand to it as `secret://NAME`. Default: none. */
  readonly secrets?: readonly string[];
  /** Of a `once` tool. Default: none, and what nobody knows is told to the model as unknown. */
  readonly probe?: McpProbe;
  /** Of a tool that does not only read. Default: none. */
  readonly compensate?: McpCompensation;
}

interface McpServerOptions {
  /** Snake case, at most 32 characters; its tools are named `NAME_TOOL`. */
  readonly name: string;
  /** The tools that may be called, by the server's own names. `'*'` sets all that are not named; without it they are not there. */
  readonly tools: Readonly<Record<string, McpToolSetting>>;
  /** `false`: its tools keep their own names, for instructions that speak of them so. Default true. */
  readonly prefix?: boolean;
  /** `annotations`: a tool of which the server says that it only reads is `read`, unless it is set. Default: not believed. */
  readonly trust?: 'annotations';
}

/** A server that the worker starts and speaks to over its standard input and output. */
export interface McpCommand extends McpServerOptions {
  /** Program and arguments; no shell reads them. */
  readonly command: readonly [program: string, ...args: string[]];
  /** Read when the server is started, where the worker runs. Beside it the server gets PATH, HOME and the like. */
  readonly env?: () => Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** OAuth for programs: the worker fetches tokens for itself, and anew when one is refused. */
export interface McpClientCredentials {
  readonly clientId: () => string;
  readonly clientSecret: () => string;
  /** The authorization server that the client is registered with, as a URL. The secret goes nowhere else. */
  readonly issuer: string;
  /** Default: what the server asks for. */
  readonly scope?: string;
}

/** A token that is got elsewhere. */
export interface McpToken {
  /** Read before each request, so that it may be another one every time. */
  readonly token: () => string | Promise<string>;
}

/** A server that runs by itself and speaks streamable HTTP. */
export interface McpUrl extends McpServerOptions {
  readonly url: string;
  /** Read at each connection. */
  readonly headers?: () => Readonly<Record<string, string>>;
  /** Who calls, where the server wants OAuth. Its functions are read where the worker runs. Default: nobody says. */
  readonly auth?: McpClientCredentials | McpToken;
}

export type McpServerDefinition = McpCommand | McpUrl;

/** Where a server is, for people. */
export function addressOf(definition: McpServerDefinition): string {
  return 'url' in definition ? definition.url : definition.command.join(' ');
}

/** A server by name and address, for people. */
export function serverWords(definition: McpServerDefinition): string {
  return `MCP server "${definition.name}" (${addressOf(definition)})`;
}

/** The setting of a tool, or `undefined` where it may not be called. */
export function settingOf({ tools }: Pick<McpServerDefinition, 'tools'>, name: string): McpToolSetting | undefined {
  return Object.hasOwn(tools, name) && name !== '*' ? tools[name] : tools['*'];
}
