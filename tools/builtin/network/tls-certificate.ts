import { isIP } from 'node:net';
import { connect, type PeerCertificate, type TLSSocket } from 'node:tls';
import { z } from 'zod';
import { defineTool } from '../../define-tool.ts';
import type { Tool } from '../../define-tool.ts';
import { host, port, timeoutMs } from './fields.ts';
import { look } from './look.ts';
import { createNetworkGate } from './network-grant.ts';
import type { NetworkGate, NetworkGrant } from './network-grant.ts';
import { pinnedLookup } from './pinned-lookup.ts';

const DAY_MS = 86_400_000;

/** Makes the tool that looks at the certificates that granted hosts present. */
export function createTlsCertificateTool(grant: NetworkGrant): Tool {
  const gate = createNetworkGate(grant);
  return defineTool({
    name: 'tls_certificate',
    description:
      "Shows a server's TLS certificate: subject, issuer, names, valid from and to, days left, whether this machine " +
      'trusts it and why not. A certificate that is expired or self-signed is shown as well.',
    input: z.object({
      host,
      port: port.default(443),
      serverName: z.string().max(253).optional().describe('name to ask for, when it is not the host'),
      timeoutMs,
    }),
    effect: 'read',
    timeoutMs: 35_000,
    from: 'built-in',
    grants: gate.told,
    execute: async (input, { signal }) => {
      const seen = await look({ signal, timeoutMs: input.timeoutMs }, (abort) => certificateOf(gate, input, abort));
      const at = { host: input.host, port: input.port, latencyMs: seen.latencyMs };
      return seen.ok ? { presented: true, ...at, ...seen.finding } : { presented: false, ...at, error: seen.error };
    },
  });
}

interface Target {
  readonly host: string;
  readonly port: number;
  readonly serverName?: string | undefined;
}

async function certificateOf(gate: NetworkGate, target: Target, signal: AbortSignal) {
  const addresses = await gate.addressesOf(target, signal);
  const name = target.serverName ?? target.host;
  const servername = isIP(name) === 0 ? { servername: name } : {};
  // Only looked at, nothing is sent: a certificate that nobody should trust is what one wants to see here.
  const lookup = pinnedLookup(addresses);
  const socket = connect({ host: target.host, port: target.port, lookup, rejectUnauthorized: false, ...servername });
  try {
    await new Promise<void>((resolve, reject) => {
      signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true });
      socket.once('secureConnect', () => resolve());
      socket.once('error', reject);
    });
    return describe(socket.getPeerCertificate(), socket);
  } finally {
    socket.destroy();
  }
}

function describe(certificate: PeerCertificate, socket: TLSSocket) {
  const [from, to] = [new Date(certificate.valid_from), new Date(certificate.valid_to)];
  const subject = nameOf(certificate.subject);
  const issuer = nameOf(certificate.issuer);
  return {
    subject,
    issuer,
    names: certificate.subjectaltname ?? '',
    validFrom: from.toISOString(),
    validTo: to.toISOString(),
    daysLeft: Math.floor((to.getTime() - Date.now()) / DAY_MS),
    expired: to.getTime() < Date.now(),
    selfSigned: subject === issuer,
    trusted: socket.authorized,
    ...(socket.authorized ? {} : { notTrustedBecause: String(socket.authorizationError) }),
    protocol: socket.getProtocol(),
  };
}

function nameOf(name: PeerCertificate['subject'] | undefined): string {
  return Object.entries(name ?? {})
    .map(([key, value]) => `${key}=${String(value)}`)
    .join(', ');
}
