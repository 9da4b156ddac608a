import type { Caller } from '../caller.ts';
import type { DeskDependencies } from '../desk.ts';
import { openDesk } from '../desk.ts';
import { createMcpServer } from './create-mcp-server.ts';
import { loadSdk } from './load-sdk.ts';

/** Speaks MCP on standard input and output, for one caller; resolves when the other side has gone. */
export async function serveStdio(
  dependencies: Omit<DeskDependencies, 'stopping'>,
  caller: Caller,
  version: string,
): Promise<void> {
  const sdk = await loadSdk();
  const gone = new AbortController();
  const desk = openDesk({ ...dependencies, stopping: gone.signal }, caller);
  const server = createMcpServer(sdk, desk, version);
  const closed = new Promise<void>((resolve) => {
    server.server.onclose = () => {
      gone.abort();
      resolve();
    };
    // The transport does not notice that its input has ended.
    process.stdin.once('end', () => void server.close());
  });
  await server.connect(new sdk.StdioServerTransport());
  await closed;
}
