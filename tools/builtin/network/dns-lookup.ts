import { lookup, Resolver } from 'node:dns/promises';
import { z } from 'zod';
import { defineTool } from '../../define-tool.ts';
import type { Tool } from '../../define-tool.ts';
import { refuse } from '../../refusal.ts';
import { host, timeoutMs } from './fields.ts';
import { look } from './look.ts';
import { createNetworkGate } from './network-grant.ts';
import type { NetworkGrant } from './network-grant.ts';

const recordTypes = ['A', 'AAAA', 'CNAME', 'MX', 'NS', 'TXT'] as const;

/** Makes the tool that resolves granted names; ports do not matter, and private addresses are told like others. */
export function createDnsLookupTool({ hosts }: Pick<NetworkGrant, 'hosts'>): Tool {
  const { permitsName } = createNetworkGate({ hosts });
  return defineTool({
    name: 'dns_lookup',
    description:
      'Resolves a host name: to its addresses as this machine would (hosts file included), or, with `type`, to records ' +
      'of that type at the name servers. A name that does not resolve is a result: { resolved: false, error }.',
    input: z.object({ name: host, type: z.enum(recordTypes).optional(), timeoutMs }),
    effect: 'read',
    timeoutMs: 35_000,
    from: 'built-in',
    grants: [`names: ${hosts.join(', ')}`],
    execute: async (input, { signal }) => {
      const { name, type } = input;
      if (!permitsName(name)) refuse(`"${name}" may not be asked for; granted: ${hosts.join(', ')}.`);
      const seen = await look({ signal, timeoutMs: input.timeoutMs }, (abort) =>
        type === undefined ? addressesOf(name) : recordsOf(name, type, abort),
      );
      const latencyMs = seen.latencyMs;
      if (!seen.ok) return { resolved: false, name, error: seen.error, latencyMs };
      return { resolved: true, name, type: type ?? 'addresses', records: seen.finding, latencyMs };
    },
  });
}

async function addressesOf(name: string): Promise<unknown[]> {
  const found = await lookup(name, { all: true });
  return found.map(({ address }) => address);
}

async function recordsOf(name: string, type: (typeof recordTypes)[number], signal: AbortSignal): Promise<unknown[]> {
  const resolver = new Resolver();
  const cancel = (): void => resolver.cancel();
  signal.addEventListener('abort', cancel, { once: true });
  try {
    const found = await resolver.resolve(name, type);
    return Array.isArray(found) ? found : [found];
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}
