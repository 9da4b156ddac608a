import type { McpConnection } from './mcp-connection.ts';
import { isUnknownSession } from './mcp-failure.ts';

/** The connection to a server, made when it is needed and again after it has ended. */
export interface McpSession {
  /** The connection at hand, or a new one; those who ask at the same time share it. */
  connection(): Promise<McpConnection>;
  /** How many connections have been made. */
  made(): number;
  /** Ends a connection that is known to be of no use, so that the next who asks gets another. */
  drop(connection: McpConnection): Promise<void>;
  close(): Promise<void>;
}

/** @param connect makes a connection; not called before the first is asked for */
export function createMcpSession(connect: () => Promise<McpConnection>): McpSession {
  let current: Promise<McpConnection> | undefined;
  let count = 0;

  const renew = (): Promise<McpConnection> => {
    const made = connect().then((connection) => {
      count += 1;
      return connection;
    });
    current = made;
    made.catch(() => {
      if (current === made) current = undefined;
    });
    return made;
  };

  return {
    connection: async () => {
      const made = current ?? renew();
      const connection = await made;
      if (!connection.ended()) return connection;
      if (current === made) current = undefined;
      return current ?? renew();
    },
    made: () => count,
    drop: async (connection) => {
      const made = current;
      if (made !== undefined && (await made.catch(() => undefined)) === connection && current === made) {
        current = undefined;
      }
      await connection.close().catch(() => undefined);
    },
    close: async () => {
      const made = current;
      current = undefined;
      const connection = await made?.catch(() => undefined);
      await connection?.close();
    },
  };
}

/** What came of asking; the connection that was asked over is told with what went wrong. */
export type OverSession<Result> =
  | { readonly kind: 'done'; readonly result: Result }
  | { readonly kind: 'not-connected'; readonly error: unknown }
  | { readonly kind: 'broke'; readonly error: unknown; readonly connection: McpConnection };

/**
 * Asks a server over the connection at hand. One that was started anew does not know the session, and so has not taken
 * the message: it is greeted anew, and asked once more.
 */
export async function overSession<Result>(
  session: McpSession,
  ask: (connection: McpConnection) => Promise<Result>,
): Promise<OverSession<Result>> {
  const first = await tryOver(session, ask);
  if (first.kind !== 'broke' || !(await isUnknownSession(first.error))) return first;
  await session.drop(first.connection);
  return tryOver(session, ask);
}

async function tryOver<Result>(
  session: McpSession,
  ask: (connection: McpConnection) => Promise<Result>,
): Promise<OverSession<Result>> {
  let connection: McpConnection;
  try {
    connection = await session.connection();
  } catch (error) {
    return { kind: 'not-connected', error };
  }
  try {
    return { kind: 'done', result: await ask(connection) };
  } catch (error) {
    return { kind: 'broke', error, connection };
  }
}
