import type { LookupFunction } from 'node:net';
import type { CheckedAddress } from './network-grant.ts';

/**
 * A resolver for sockets that knows nothing but the addresses that were checked: a name server that changes its mind
 * between the check and the connection is not asked again.
 */
export function pinnedLookup(addresses: readonly CheckedAddress[]): LookupFunction {
  return (_host, options, callback) => {
    const [first] = addresses;
    if (!first) return callback(new Error('the name has no address'), '', 4);
    if (options.all === true) return callback(null, [...addresses]);
    return callback(null, first.address, first.family);
  };
}
