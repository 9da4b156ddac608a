import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { optionalPackage } from '../optional-package.ts';
import { addressOf } from './mcp-definition.ts';
import type { McpCommand, McpServerDefinition, McpUrl } from './mcp-definition.ts';

const CONNECT_MS = 30_000;
const KEPT_OUTPUT = 2_000;

/** One connection to a server, from its greeting until it ends. */
export interface McpConnection {
  readonly client: Client;
  /** Whether it has ended, by either side. */
  readonly ended: () => boolean;
  /** Tells when the server says that its tools are others now. */
  readonly onToolsChanged: (listener: () => void) => void;
  readonly close: () => Promise<void>;
}

/** A transport, what the server said on standard error, and how the session is ended. */
interface Wire {
  readonly transport: Transport;
  readonly said: () => string;
  readonly hangUp: () => Promise<void>;
}

const SDK = '@modelcontextprotocol/sdk';

/** Starts or calls a server. @throws Error that says which server does not answer, and why */
export async function connectMcp(definition: McpServerDefinition): Promise<McpConnection> {
  const { Client } = await optionalPackage(SDK, () => import('@modelcontextprotocol/sdk/client/index.js'));
  const { ToolListChangedNotificationSchema: toolsChanged } = await import('@modelcontextprotocol/sdk/types.js');
  const wire = 'url' in definition ? await callUp(definition) : await startUp(definition);
  const client = new Client({ name: 'waymark', version: '1' });
  let ended = false;
  client.onclose = () => {
    ended = true;
  };
  try {
    await client.connect(wire.transport, { timeout: CONNECT_MS });
  } catch (error) {
    await client.close().catch(() => undefined);
    const said = wire.said();
    const reason = `${reasonOf(error)}${said === '' ? '' : `; it said: ${said}`}`;
    const where = `MCP server "${definition.name}" (${addressOf(definition)})`;
    throw new Error(`${where} does not answer: ${reason}.`, { cause: error });
  }
  return {
    client,
    ended: () => ended,
    onToolsChanged: (listener) => client.setNotificationHandler(toolsChanged, listener),
    close: async () => {
      await wire.hangUp().catch(() => undefined);
      await client.close();
    },
  };
}

async function startUp({ command, env, cwd }: McpCommand): Promise<Wire> {
  const { StdioClientTransport } = await import('@modelcontextprotocol/sdk/client/stdio.js');
  const [program, ...args] = command;
  const transport = new StdioClientTransport({
    command: program,
    args,
    stderr: 'pipe',
    ...(env === undefined ? {} : { env: { ...env() } }),
    ...(cwd === undefined ? {} : { cwd }),
  });
  let output = '';
  transport.stderr?.on('data', (chunk: unknown) => {
    output = `${output}${String(chunk)}`.slice(-KEPT_OUTPUT);
  });
  return { transport, said: () => output.trim().split('\n').at(-1) ?? '', hangUp: async () => undefined };
}

async function callUp({ url, headers }: McpUrl): Promise<Wire> {
  const { StreamableHTTPClientTransport } = await import('@modelcontextprotocol/sdk/client/streamableHttp.js');
  const given = headers === undefined ? {} : { requestInit: { headers: { ...headers() } } };
  const transport = new StreamableHTTPClientTransport(new URL(url), given);
  return { transport, said: () => '', hangUp: () => transport.terminateSession() };
}

/** `fetch` wraps what went wrong. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return (cause instanceof Error ? cause.message || cause.name : String(cause)).replace(/\.$/, '');
}
