import { Socket } from 'node:net';
import type { Client } from 'pg';
import { optionalPackage } from '../../optional-package.ts';
import { refuse } from '../../refusal.ts';

const CONNECT_MS = 15_000;
const LOOK_EVERY_MS = 20;
/** Types that JSON has; everything else is told as PostgreSQL writes it. */
const JSON_TYPES = new Set([16, 21, 23, 26, 700, 701, 114, 3802]);

export interface SqlLimits {
  readonly statementMs: number;
  /** Bytes that may come from the server, before anything else is done with them. */
  readonly mostBytes: number;
}

/**
 * Opens a connection for one query, in a read-only transaction with bounds on time and size, and closes it whatever
 * happens. A query that is cancelled ends with its connection.
 */
export async function withReadOnlyTransaction<Result>(
  connectionString: string,
  { limits, signal }: { readonly limits: SqlLimits; readonly signal: AbortSignal },
  work: (client: Client) => Promise<Result>,
): Promise<Result> {
  const { default: pg } = await optionalPackage('pg', () => import('pg'));
  signal.throwIfAborted();
  const wire = createWire(limits.mostBytes);
  const client = new pg.Client({
    connectionString,
    stream: () => wire.socket,
    connectionTimeoutMillis: CONNECT_MS,
    application_name: 'waymark',
    types: { getTypeParser: (oid, format) => (JSON_TYPES.has(oid) ? pg.types.getTypeParser(oid, format) : String) },
  });
  // Without a listener an error of the connection would end the process; the query in hand reports it as well.
  client.on('error', () => undefined);
  signal.addEventListener('abort', wire.cut, { once: true });
  try {
    await client.connect();
    await client.query('BEGIN TRANSACTION READ ONLY');
    await client.query(`SET LOCAL statement_timeout = ${Math.ceil(limits.statementMs)}`);
    // The parser here and the server's must read a text alike.
    await client.query('SET LOCAL standard_conforming_strings = on');
    await client.query(NOTICE_LOST_CLIENTS);
    return await work(client);
  } catch (error) {
    signal.throwIfAborted();
    if (wire.overflowed()) refuse(`The result is larger than ${limits.mostBytes} bytes; select fewer columns or rows.`);
    throw error;
  } finally {
    signal.removeEventListener('abort', wire.cut);
    // Nothing was written; what is open on the server ends with the connection.
    wire.cut();
    await client.end().catch(() => undefined);
  }
}

/** Servers from version 14 on look whether a query's client is still there, and stop the query when it is not. */
const NOTICE_LOST_CLIENTS = `SELECT set_config(name, '500ms', true) FROM pg_catalog.pg_settings
  WHERE name = 'client_connection_check_interval'`;

/** The socket of a connection, which is cut when more comes through than was agreed. */
function createWire(mostBytes: number) {
  const socket = new Socket();
  // Looked at now and then: a listener for its data would be in the way of encryption.
  const timer = setInterval(() => {
    if (socket.bytesRead > mostBytes) socket.destroy();
  }, LOOK_EVERY_MS);
  return {
    socket,
    overflowed: (): boolean => socket.bytesRead > mostBytes,
    cut: (): void => {
      clearInterval(timer);
      socket.destroy();
    },
  };
}
