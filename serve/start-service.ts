import type { Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { getRequestListener } from '@hono/node-server';
import { DEFAULT_TENANT } from '../contracts/ids.ts';
import type { Actor } from '../contracts/transcript.ts';
import type { Caller } from './caller.ts';
import { rights } from './caller.ts';
import type { ServiceOptions } from './create-service.ts';
import { createService } from './create-service.ts';
import { isLoopback } from './http/guard-host.ts';

export interface StartOptions extends Omit<ServiceOptions, 'local' | 'stopping'> {
  /** Default `127.0.0.1`. */
  readonly host?: string;
  /** 0 for a free one. */
  readonly port: number;
  /** Whom a request without a key stands for, on loopback and while there are no keys. */
  readonly local: { readonly tenant?: string; readonly actor: Actor; readonly roles?: readonly string[] };
}

export interface RunningService {
  readonly url: string;
  /** Whether a request needs a key. */
  readonly keyed: boolean;
  /** Takes no more connections, ends the streams, and gives what is under way ten seconds to come to its end. */
  stop(): Promise<void>;
}

/** The service cannot be started as it was asked for; the message says what to do. */
export class ServeError extends Error {
  override readonly name = 'ServeError';
}

const GRACE_MS = 10_000;

/** Starts the service. @throws ServeError where it would be open to everybody, or has no port */
export async function startService({
  host = '127.0.0.1',
  port,
  local,
  ...options
}: StartOptions): Promise<RunningService> {
  const keyed = (await options.keyRing.keys()).length > 0;
  if (!keyed && !isLoopback(host)) {
    throw new ServeError(
      `${host} can be reached from elsewhere, and there are no keys. Make one with \`waymark serve keys create\`, or stay on 127.0.0.1.`,
    );
  }
  const stopping = new AbortController();
  const caller: Caller = { id: 'local', rights, ...local, tenant: local.tenant ?? DEFAULT_TENANT };
  const app = createService({ ...options, local: keyed ? undefined : caller, stopping: stopping.signal });
  const listener = getRequestListener(app.fetch);
  const server = createServer({ requestTimeout: 30_000, headersTimeout: 10_000 }, (request, response) => {
    silent.delete(request.socket);
    // A connection that is kept for a next request would hold up the stop.
    response.once('close', () => stopping.signal.aborted && request.socket.end());
    void listener(request, response);
  });
  /** Connections over which nothing was asked yet, as browsers open them. */
  const silent = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    silent.add(socket);
    socket.once('close', () => silent.delete(socket));
  });
  const address = await listen(server, host, port);
  return {
    url: `http://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`,
    keyed,
    stop: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      stopping.abort();
      server.closeIdleConnections();
      for (const socket of silent) socket.destroy();
      await Promise.race([closed, delay(GRACE_MS, undefined, { ref: false })]);
      server.closeAllConnections();
      await closed;
    },
  };
}

async function listen(server: Server, host: string, port: number): Promise<AddressInfo> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const advice =
        error.code === 'EADDRINUSE' ? 'Something else is there; choose another with --port.' : error.message;
      reject(new ServeError(`The service cannot listen at ${host}:${port}. ${advice}`, { cause: error }));
    });
    server.listen(port, host, resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new ServeError('The service has no port.');
  return address;
}
