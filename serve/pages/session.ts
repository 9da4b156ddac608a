import type { Context, MiddlewareHandler } from 'hono';
import { deleteCookie, getSignedCookie, setSignedCookie } from 'hono/cookie';
import { z } from 'zod';
import type { Caller } from '../caller.ts';
import { openDesk } from '../desk.ts';
import type { DeskDependencies } from '../desk.ts';
import type { Environment } from '../http/environment.ts';
import { callerOf, isExpired } from '../keys/api-key.ts';
import type { KeyRing } from '../keys/key-ring.ts';
import type { Limits } from '../limits.ts';
import { Problem } from '../problems.ts';

const COOKIE = 'waymark_session';
const HOURS = 12;

const contents = z.strictObject({ key: z.string(), until: z.number() });

export interface SessionOptions {
  readonly keyRing: KeyRing;
  /** Signs the cookie: it names a key, and never holds it. */
  readonly secret: string;
  /** Whether the pages are reached by HTTPS. */
  readonly secure: boolean;
  /** Who reads without signing in, where the service has no keys. */
  readonly local: Caller | undefined;
}

/** Who has signed in, for twelve hours or until the key is revoked. */
export interface Sessions {
  begin(c: Context, caller: Caller): Promise<void>;
  end(c: Context): void;
  callerOf(c: Context): Promise<Caller | undefined>;
}

export function createSessions({ keyRing, secret, secure, local }: SessionOptions): Sessions {
  const attributes = { path: '/', httpOnly: true, sameSite: 'Lax', secure } as const;
  return {
    begin: async (c, { id }) => {
      const session: z.output<typeof contents> = { key: id, until: Date.now() + HOURS * 3_600_000 };
      await setSignedCookie(c, COOKIE, JSON.stringify(session), secret, { ...attributes, maxAge: HOURS * 3_600 });
    },
    end: (c) => void deleteCookie(c, COOKIE, attributes),
    callerOf: async (c) => {
      const signed = await getSignedCookie(c, secret, COOKIE);
      const session = contents.safeParse(parsed(signed)).data;
      if (!session || session.until <= Date.now()) return local;
      const key = (await keyRing.keys()).find(({ id }) => id === session.key);
      return key && !isExpired(key) ? callerOf(key) : local;
    },
  };
}

/** Lets in who has signed in; everybody else is shown where one does. */
export function requireSession(
  sessions: Sessions,
  { desk, limits }: { readonly desk: DeskDependencies; readonly limits: Pick<Limits, 'request'> },
): MiddlewareHandler<Environment> {
  return async (c, next) => {
    const caller = await sessions.callerOf(c);
    if (!caller) {
      if (c.req.method !== 'GET')
        throw new Problem('unauthorized', 'Your session has ended. Sign in and send it again.');
      return c.redirect(`/login?next=${encodeURIComponent(c.req.path)}`, 303);
    }
    await limits.request(caller);
    c.set('desk', openDesk(desk, caller));
    return next();
  };
}

function parsed(text: string | false | undefined): unknown {
  if (typeof text !== 'string') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
