import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { optionalPackage } from '../optional-package.ts';
import { authProviderOf } from './mcp-auth.ts';
import type { McpCommand, McpServerDefinition, McpUrl } from './mcp-definition.ts';
import { connectFailure } from './mcp-failure.ts';
import { fetchMessages } from './mcp-fetch.ts';

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

/** Starts or calls a server. @throws SourceAway that says which server does not answer, why, and what to do */
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
    throw await connectFailure(definition, error, wire.said());
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

async function callUp({ url, headers, auth }: McpUrl): Promise<Wire> {
  const { StreamableHTTPClientTransport } = await import('@modelcontextprotocol/sdk/client/streamableHttp.js');
  const address = new URL(url);
  const transport = new StreamableHTTPClientTransport(address, {
    fetch: fetchMessages(address, auth !== undefined),
    ...(headers === undefined ? {} : { requestInit: { headers: { ...headers() } } }),
    ...(auth === undefined ? {} : { authProvider: await authProviderOf(auth) }),
  });
  return { transport, said: () => '', hangUp: () => transport.terminateSession() };
}
