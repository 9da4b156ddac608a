import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';

/** One address of a Redis whose server can be another behind it, or fall silent. */
export interface RedisProxy {
  readonly url: string;
  /** New connections go there; those that are open stay where they are, as after a failover. */
  pointTo(port: number): void;
  /** Nothing passes on the connections that are open, and none of them ends. New ones are as usual. */
  silence(): void;
  /** Connections that are open at this moment. */
  connections(): number;
  stop(): void;
}

export async function startRedisProxy(first: number): Promise<RedisProxy> {
  let port = first;
  const open = new Set<readonly [Socket, Socket]>();
  const server = createServer((socket) => {
    const to = connect(port, '127.0.0.1');
    const pair = [socket, to] as const;
    open.add(pair);
    socket.pipe(to).pipe(socket);
    const end = (): void => {
      open.delete(pair);
      for (const one of pair) one.destroy();
    };
    for (const one of pair) one.on('error', end).on('close', end);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const own = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `redis://127.0.0.1:${own}`,
    pointTo: (next) => void (port = next),
    silence: () => {
      for (const [from, to] of open) {
        from.unpipe(to);
        to.unpipe(from);
        from.resume();
        to.resume();
      }
    },
    connections: () => open.size,
    stop: () => {
      server.close();
      for (const [from, to] of open) {
        from.destroy();
        to.destroy();
      }
    },
  };
}
