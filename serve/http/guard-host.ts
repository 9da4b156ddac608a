import type { MiddlewareHandler } from 'hono';
import { Problem } from '../problems.ts';
import type { Environment } from './environment.ts';

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i;

/** Does this name mean this machine alone? */
export function isLoopback(host: string): boolean {
  return LOOPBACK.test(host) || host === '::1';
}

/**
 * Where anybody on this machine may ask, no web page may: neither one whose name was made to point here, nor one that
 * sends a request across.
 */
export const guardHost: MiddlewareHandler<Environment> = async (c, next) => {
  const host = c.req.header('host') ?? '';
  if (!isLoopback(host)) {
    throw new Problem('forbidden', `Without keys this service answers to localhost alone, not to "${host}".`);
  }
  const origin = c.req.header('origin');
  if (origin !== undefined && origin !== `http://${host}`) {
    throw new Problem('forbidden', `Without keys this service answers no page of ${origin}.`);
  }
  return next();
};
