import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { refuse } from '../../refusal.ts';
import { untilAborted } from './look.ts';

/** Which machines a tool may reach. What is not granted is refused, whoever asks for it and by whatever detour. */
export interface NetworkGrant {
  /**
   * `api.example.com` (ports 80 and 443), `api.example.com:8443`, `api.example.com:*` (any port), `*.example.com`,
   * `*` (any host), `10.0.0.7:9000`, `[::1]:9000`, `localhost:3000`.
   */
  readonly hosts: readonly string[];
  /**
   * Networks in which a granted name may lie although they are not public, as CIDR. Default: none, so that no name can be
   * pointed at this machine or its neighbours. An address that is itself among `hosts`, and `localhost`, need none.
   */
  readonly privateNetworks?: readonly string[];
}

/** Private networks and this machine; without link-local addresses, where clouds keep their machines' secrets. */
export const PRIVATE_NETWORKS: readonly string[] = [
  '127.0.0.0/8',
  '::1/128',
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  'fc00::/7',
];

/** An address that was checked, as a socket takes it. */
export interface CheckedAddress {
  readonly address: string;
  readonly family: 4 | 6;
}

/** A grant in use. */
export interface NetworkGate {
  /** Whether a name may be asked for at all. */
  readonly permitsName: (host: string) => boolean;
  /**
   * Resolves a host once, and gives its addresses if all of them may be reached.
   * @throws ToolRefusal when the grant does not cover it, the resolver's error when it does not resolve
   */
  readonly addressesOf: (
    target: { readonly host: string; readonly port: number },
    signal: AbortSignal,
  ) => Promise<readonly CheckedAddress[]>;
  /** The grant, for people. */
  readonly told: readonly string[];
}

interface HostRule {
  readonly matches: (host: string) => boolean;
  readonly port: number | 'any' | 'web';
}

type Network = ReturnType<typeof ipaddr.parseCIDR>;

/** Finds the addresses of a name. */
export type ResolveHost = (host: string) => Promise<readonly CheckedAddress[]>;

/**
 * @param resolve asked once for each request. Default: as this machine resolves names, hosts file included
 * @throws TypeError when a host or a network cannot be read, or no host is granted
 */
export function createNetworkGate(
  { hosts, privateNetworks = [] }: NetworkGrant,
  resolve: ResolveHost = resolveHere,
): NetworkGate {
  if (hosts.length === 0) throw new TypeError('a tool that reaches hosts needs at least one in `hosts`');
  const rules = hosts.map(ruleOf);
  const networks = privateNetworks.map(networkOf);
  const named = new Set(hosts.map((host) => normal(splitPort(host).name)));
  // Who grants an address, or this machine by its name, means it.
  const isMeant = (asked: string, address: string): boolean =>
    named.has(asked) && (isIP(asked) !== 0 || (asked === 'localhost' && rangeOf(address) === 'loopback'));
  return {
    told: [
      `hosts: ${hosts.join(', ')}`,
      ...(privateNetworks.length === 0 ? [] : [`private networks: ${privateNetworks.join(', ')}`]),
    ],
    permitsName: (host) => rules.some(({ matches }) => matches(normal(host))),
    addressesOf: async ({ host, port }, signal) => {
      const asked = normal(host);
      if (!rules.some((rule) => rule.matches(asked) && permitsPort(rule, port))) {
        refuse(`${host}:${port} may not be reached; granted: ${hosts.join(', ')}.`);
      }
      const addresses = await untilAborted(signal, () => resolve(asked));
      const closed = addresses.find(({ address }) => !isMeant(asked, address) && !isOpen(address, networks));
      if (!closed) return addresses;
      return refuse(`${host} leads to ${closed.address} (${rangeOf(closed.address)}), which is not a public address.`);
    },
  };
}

async function resolveHere(host: string): Promise<readonly CheckedAddress[]> {
  const found = await lookup(host, { all: true });
  return found.map(({ address, family }) => ({ address, family: family === 6 ? 6 : 4 }));
}

/** Public, or in one of the networks. Addresses that carry another one (mapped, 6to4, NAT64) are not public. */
export function isOpen(address: string, networks: readonly Network[]): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address);
  if (parsed.range() === 'unicast') return true;
  return networks.some((network) => network[0].kind() === parsed.kind() && parsed.match(network));
}

function rangeOf(address: string): string {
  return ipaddr.isValid(address) ? ipaddr.process(address).range() : 'no address';
}

function networkOf(cidr: string): Network {
  if (ipaddr.isValidCIDR(cidr)) return ipaddr.parseCIDR(cidr);
  throw new TypeError(`"${cidr}" is no network; expected e.g. 10.0.0.0/8`);
}

function ruleOf(host: string): HostRule {
  const { name, port } = splitPort(host);
  const wanted = bare(name.toLowerCase());
  if (wanted === '' || /[/@\s]/.test(wanted)) {
    throw new TypeError(`"${host}" is no host; expected e.g. api.example.com, *.example.com or 10.0.0.7:9000`);
  }
  if (wanted === '*') return { port, matches: () => true };
  if (wanted.startsWith('*.')) return { port, matches: (asked) => asked.endsWith(wanted.slice(1)) };
  return { port, matches: (asked) => asked === wanted };
}

function splitPort(host: string): { readonly name: string; readonly port: HostRule['port'] } {
  if (isIP(host) === 6) return { name: host, port: 'web' };
  const [, name = '', port] = /^(\[[^\]]*\]|[^:]*)(?::(\d{1,5}|\*))?$/.exec(host) ?? [];
  if (port === undefined) return { name, port: 'web' };
  return { name, port: port === '*' ? 'any' : Number(port) };
}

function permitsPort({ port }: HostRule, asked: number): boolean {
  if (port === 'any') return true;
  return port === 'web' ? asked === 80 || asked === 443 : asked === port;
}

/** As URLs and people write it: without brackets, in lower case, without the root's dot. */
function normal(host: string): string {
  return bare(host.toLowerCase()).replace(/\.$/, '');
}

function bare(host: string): string {
  return host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
}
