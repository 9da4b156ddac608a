import { connect } from 'node:net';
import { z } from 'zod';
import { defineTool } from '../define-tool.ts';
import { host, port, timeoutMs } from './fields.ts';
import { look } from './look.ts';

/** Opens a TCP connection and closes it again. */
export const tcpConnect = defineTool({
  name: 'tcp_connect',
  description:
    'Opens a TCP connection to a port and closes it. Answers whether somebody listens there; a port that refuses or ' +
    'stays silent is a result: { connected: false, error } with code ECONNREFUSED, TIMEOUT and the like.',
  input: z.object({ host, port, timeoutMs }),
  effect: 'read',
  timeoutMs: 35_000,
  execute: async (input, { signal }) => {
    const seen = await look({ signal, timeoutMs: input.timeoutMs }, (abort) => remoteAddressOf(input, abort));
    const at = { host: input.host, port: input.port, latencyMs: seen.latencyMs };
    return seen.ok
      ? { connected: true, ...at, remoteAddress: seen.finding }
      : { connected: false, ...at, error: seen.error };
  },
});

async function remoteAddressOf(
  target: { readonly host: string; readonly port: number },
  signal: AbortSignal,
): Promise<string> {
  const socket = connect({ host: target.host, port: target.port });
  try {
    return await new Promise<string>((resolve, reject) => {
      signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true });
      socket.once('connect', () => resolve(socket.remoteAddress ?? ''));
      socket.once('error', reject);
    });
  } finally {
    socket.destroy();
  }
}
