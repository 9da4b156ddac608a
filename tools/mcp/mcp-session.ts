import type { McpConnection } from './mcp-connection.ts';

/** The connection to a server, made when it is needed and again after it has ended. */
export interface McpSession {
  /** The connection at hand, or a new one; those who ask at the same time share it. */
  connection(): Promise<McpConnection>;
  /** Ends a connection that is known to be of no use, so that the next who asks gets another. */
  drop(connection: McpConnection): Promise<void>;
  close(): Promise<void>;
}

/** @param connect makes a connection; not called before the first is asked for */
export function createMcpSession(connect: () => Promise<McpConnection>): McpSession {
  let current: Promise<McpConnection> | undefined;

  const renew = (): Promise<McpConnection> => {
    const made = connect();
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
