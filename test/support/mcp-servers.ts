import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../local/free-port.ts';

/** Programs of the real servers, from the registry. */
export const FILESYSTEM_SERVER = programOf('server-filesystem');
export const EVERYTHING_SERVER = programOf('server-everything');

function programOf(name: string): string {
  return fileURLToPath(new URL(`../../node_modules/@modelcontextprotocol/${name}/dist/index.js`, import.meta.url));
}

/** `server-everything` over streamable HTTP, which can be killed and started again at the same address. */
export interface HttpServer {
  readonly url: string;
  readonly kill: () => Promise<void>;
  readonly start: () => Promise<void>;
}

export async function startEverything(): Promise<HttpServer> {
  const port = await freePort();
  let stop: () => Promise<void> = async () => undefined;
  const start = async (): Promise<void> => {
    const child = spawn(process.execPath, [EVERYTHING_SERVER, 'streamableHttp'], {
      env: { ...process.env, PORT: String(port) },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    stop = async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    };
    for await (const line of createInterface({ input: child.stderr })) if (line.includes('listening')) break;
    child.stderr.resume();
  };
  await start();
  return { url: `http://127.0.0.1:${port}/mcp`, kill: () => stop(), start };
}
