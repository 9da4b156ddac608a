import type { MiddlewareHandler } from 'hono';
import { routePath } from 'hono/route';
import type { Log } from '../log.ts';
import type { Environment } from './environment.ts';

/** One line a request: the pattern of its path, and never a link's token or what was said. */
export function logRequests(log: Log): MiddlewareHandler<Environment> {
  return async (c, next) => {
    const began = performance.now();
    await next();
    const task = c.req.param('task');
    // Absent where the request was refused before anybody knew who asks.
    const caller = (c.get('desk') as Environment['Variables']['desk'] | undefined)?.caller;
    log.info(
      {
        requestId: c.var.requestId,
        method: c.req.method,
        route: routePath(c, -1),
        status: c.res.status,
        ms: Math.round(performance.now() - began),
        ...(task === undefined ? {} : { task }),
        ...(caller ? { key: caller.id, tenant: caller.tenant } : {}),
      },
      'request',
    );
  };
}
