import { getConnInfo } from '@hono/node-server/conninfo';
import type { Context, MiddlewareHandler } from 'hono';
import type { Caller } from '../caller.ts';
import type { DeskDependencies } from '../desk.ts';
import { openDesk } from '../desk.ts';
import type { KeyRing } from '../keys/key-ring.ts';
import { callerOf, findKey } from '../keys/api-key.ts';
import type { Limits } from '../limits.ts';
import { Problem } from '../problems.ts';
import type { Environment } from './environment.ts';

export interface IdentifyOptions {
  readonly keyRing: KeyRing;
  readonly desk: DeskDependencies;
  readonly limits: Pick<Limits, 'request' | 'stranger'>;
  /** Who asks where no key does: only for a service on loopback that has no keys. */
  readonly local: Caller | undefined;
}

/** Finds out who asks, by the key in the request, and gives them a desk of their own. */
export function identify({ keyRing, desk, limits, local }: IdentifyOptions): MiddlewareHandler<Environment> {
  return async (c, next) => {
    // A webhook is known by its signature already.
    if (c.var.webhookId !== undefined) return next();
    const token = bearerOf(c);
    const caller = token === undefined ? local : await callerWith(keyRing, token);
    if (!caller) {
      await limits.stranger(addressOf(c));
      throw unauthorized(
        token === undefined ? 'The request carries no key.' : 'This key is unknown, revoked or expired.',
      );
    }
    await limits.request(caller);
    c.set('desk', openDesk(desk, caller));
    await next();
  };
}

/** The caller whose token this is. */
export async function callerWith(keyRing: KeyRing, token: string): Promise<Caller | undefined> {
  const key = findKey(await keyRing.keys(), token) ?? findKey(await keyRing.keys({ now: true }), token);
  return key && callerOf(key);
}

export function unauthorized(detail: string): Problem {
  return new Problem('unauthorized', detail, { headers: { 'WWW-Authenticate': 'Bearer realm="waymark"' } });
}

function bearerOf(c: Context): string | undefined {
  const header = c.req.header('authorization');
  if (header === undefined) return undefined;
  const [, token] = /^Bearer +(\S+) *$/i.exec(header) ?? [];
  // What is no bearer token is still an attempt at one, and not a request without a key.
  return token ?? '';
}

/** Where a request came from; behind a proxy that is the proxy. */
export function addressOf(c: Context): string {
  return getConnInfo(c).remote.address ?? 'unknown';
}
