import type { Tool } from '../define-tool.ts';
import { diskSpace } from './disk-space.ts';
import { dnsLookup } from './dns-lookup.ts';
import { httpCheck } from './http-check.ts';
import { listProcesses } from './list-processes.ts';
import { createReadLogTail } from './read-log-tail.ts';
import { tcpConnect } from './tcp-connect.ts';
import { tlsCertificate } from './tls-certificate.ts';

/**
 * Tools that look at machines and networks and change nothing. `logRoot` is the only folder whose files can be read.
 *
 * @example
 * defineAgent({ …, tools: createDiagnostics({ logRoot: '/var/log/shop' }) })
 */
export function createDiagnostics({ logRoot }: { readonly logRoot: string }): Tool[] {
  return [httpCheck, dnsLookup, tcpConnect, tlsCertificate, diskSpace, createReadLogTail({ logRoot }), listProcesses];
}
