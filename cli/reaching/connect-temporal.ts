import { Connection } from '@temporalio/client';
import { unreachable } from '../../client/index.ts';
import type { Surroundings } from './surroundings.ts';

/** A connection of the command's own. @throws WaymarkError `Unreachable` naming the address */
export async function connectTemporal(connection: Surroundings['temporal']['connection']): Promise<Connection> {
  return Connection.connect({ connectTimeout: 4_000, ...connection }).catch((error: unknown) => {
    throw unreachable(error, connection.address);
  });
}
