import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** An HTTP server on this machine, for one test file. */
export interface LoopbackServer {
  readonly url: string;
  readonly port: number;
  readonly close: () => void;
}

export async function serve(
  answer: (request: IncomingMessage, response: ServerResponse) => unknown,
  at = '127.0.0.1',
  port = 0,
): Promise<LoopbackServer> {
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, at, resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return {
    url: `http://${at}:${address.port}`,
    port: address.port,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
