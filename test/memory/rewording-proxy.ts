import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';

/**
 * Stands between a client and a real Redis on loopback and rewords its replies: a stand-in for a server whose error
 * texts differ. Only replies without a length in front of them, such as errors, may change.
 */
export async function startRewordingProxy(options: {
  port: number;
  reword: (reply: string) => string;
}): Promise<{ url: string; stop(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(options.port, '127.0.0.1');
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
    }
    client.pipe(upstream);
    upstream.on('data', (bytes) => client.write(options.reword(bytes.toString('latin1')), 'latin1'));
    upstream.on('close', () => client.destroy());
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const bound = server.address();
  if (!bound || typeof bound === 'string') throw new Error('the proxy has no port');
  return {
    url: `redis://127.0.0.1:${bound.port}`,
    stop: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => void server.close(() => resolve()));
    },
  };
}
