import { connect } from 'node:net';
import { z } from 'zod';
import { defineTool } from '../../define-tool.ts';
import type { Tool } from '../../define-tool.ts';
import { host, port, timeoutMs } from './fields.ts';
import { look } from './look.ts';
import { createNetworkGate } from './network-grant.ts';
import type { NetworkGate, NetworkGrant } from './network-grant.ts';
import { pinnedLookup } from './pinned-lookup.ts';

/** Makes the tool that opens TCP connections to granted hosts and closes them again. */
export function createTcpConnectTool(grant: NetworkGrant): Tool {
  const gate = createNetworkGate(grant);
  return defineTool({
    name: 'tcp_connect',
    description:
      'Opens a TCP connection to a port and closes it. Answers whether somebody listens there; a port that refuses or ' +
      'stays silent is a result: { connected: false, error } with code ECONNREFUSED, TIMEOUT and the like.',
    input: z.object({ host, port, timeoutMs }),
    effect: 'read',
    timeoutMs: 35_000,
    from: 'built-in',
    grants: gate.told,
    execute: async (input, { signal }) => {
      const seen = await look({ signal, timeoutMs: input.timeoutMs }, (abort) => remoteAddressOf(gate, input, abort));
      const at = { host: input.host, port: input.port, latencyMs: seen.latencyMs };
      return seen.ok
        ? { connected: true, ...at, remoteAddress: seen.finding }
        : { connected: false, ...at, error: seen.error };
    },
  });
}

async function remoteAddressOf(
  gate: NetworkGate,
  target: { readonly host: string; readonly port: number },
  signal: AbortSignal,
): Promise<string> {
  const addresses = await gate.addressesOf(target, signal);
  const socket = connect({ host: target.host, port: target.port, lookup: pinnedLookup(addresses) });
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
