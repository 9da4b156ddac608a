import { readFile } from 'node:fs/promises';
import { Hono } from 'hono';
import type { Context, MiddlewareHandler } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { csrf } from 'hono/csrf';
import { secureHeaders } from 'hono/secure-headers';
import type { EventLog } from '../../contracts/projection.ts';
import type { Caller } from '../caller.ts';
import type { DeskDependencies } from '../desk.ts';
import type { Environment } from '../http/environment.ts';
import { limitBody, requireForm } from '../http/guard-body.ts';
import { addressOf, callerWith } from '../http/identify.ts';
import type { KeyRing } from '../keys/key-ring.ts';
import type { StillMay } from '../keys/still-may.ts';
import type { Limits } from '../limits.ts';
import type { Log } from '../log.ts';
import { asProblem, Problem } from '../problems.ts';
import { addLinkPages } from './link-pages.ts';
import { loginPage, safeNext } from './login-page.ts';
import { problemPage } from './message-page.ts';
import { addRequestPages } from './request-pages.ts';
import type { Sessions } from './session.ts';
import { createSessions, requireSession } from './session.ts';
import { addTaskPages } from './task-pages.ts';

export interface PagesOptions {
  readonly keyRing: KeyRing;
  readonly desk: DeskDependencies;
  readonly limits: Limits;
  readonly stillMay: StillMay;
  readonly log: Log;
  readonly local: Caller | undefined;
  readonly events: EventLog;
  /** Signs sessions. */
  readonly secret: string;
  /** Whether people reach the pages by HTTPS. */
  readonly secure: boolean;
}

const CONTENT_SECURITY_POLICY = {
  defaultSrc: ["'none'"],
  styleSrc: ["'self'"],
  scriptSrc: ["'self'"],
  connectSrc: ["'self'"],
  imgSrc: ["'self'"],
  formAction: ["'self'"],
  frameAncestors: ["'none'"],
  baseUri: ["'none'"],
};

/** Everything that is a page or belongs to one; the rest of the service keeps rules of its own. */
const PATHS = ['/', '/login', '/logout', '/inbox/*', '/tasks/*', '/answer/*', '/assets/*'];

/** What a page shows is for its reader, at this moment. */
const keepNothing: MiddlewareHandler<Environment> = async (c, next) => {
  await next();
  c.header('Cache-Control', c.req.path.startsWith('/assets/') ? 'max-age=300' : 'no-store');
};

/** Pages for people, rendered here; a script makes one of them live, and none of them needs it. */
export function createPages(options: PagesOptions): Hono<Environment> {
  const { keyRing, secret, secure, local, limits, desk, log } = options;
  const pages = new Hono<Environment>();
  const sessions = createSessions({ keyRing, secret, secure, local });
  pages.onError((error, c) => answerPage(c, { error, log }));
  const guards = [
    secureHeaders({ strictTransportSecurity: false, contentSecurityPolicy: CONTENT_SECURITY_POLICY }),
    keepNothing,
    csrf(),
    limitBody,
    requireForm,
  ];
  for (const path of PATHS) pages.use(path, ...guards);
  addAssets(pages);
  addLinkPages(pages, options);
  addSignIn(pages, sessions, options);
  const signedIn = requireSession(sessions, { desk, limits });
  for (const path of ['/', '/inbox/*', '/tasks/*']) pages.use(path, signedIn);
  pages.get('/', (c) => c.redirect('/inbox', 303));
  addRequestPages(pages, { signedIn: local === undefined });
  addTaskPages(pages, { ...options, signedIn: local === undefined });
  return pages;
}

function addAssets(pages: Hono<Environment>): void {
  const assets = {
    'style.css': 'text/css; charset=utf-8',
    'live.js': 'text/javascript; charset=utf-8',
    'mark.svg': 'image/svg+xml',
  };
  for (const [name, type] of Object.entries(assets)) {
    pages.get(`/assets/${name}`, async (c) => {
      const text = await readFile(new URL(`../assets/${name}`, import.meta.url), 'utf8');
      return c.body(text, 200, { 'Content-Type': type });
    });
  }
}

function addSignIn(pages: Hono<Environment>, sessions: Sessions, { keyRing, limits }: PagesOptions): void {
  pages.get('/login', (c) => c.html(loginPage({ next: safeNext(c.req.query('next')) })));
  pages.post('/login', async (c) => {
    const form = await c.req.formData();
    const next = safeNext(form.get('next'));
    const token = form.get('key');
    const caller = typeof token === 'string' ? await callerWith(keyRing, token.trim()) : undefined;
    if (!caller) {
      await limits.stranger(addressOf(c));
      return c.html(loginPage({ next, wrong: true }), 401);
    }
    await sessions.begin(c, caller);
    return c.redirect(next, 303);
  });
  pages.post('/logout', (c) => {
    sessions.end(c);
    return c.redirect('/login', 303);
  });
}

/** A problem as a page. */
function answerPage(c: Context<Environment>, { error, log }: { readonly error: Error; readonly log: Log }) {
  const problem =
    error instanceof HTTPException
      ? new Problem('forbidden', 'This form was sent from another page; nothing was done.')
      : asProblem(error);
  const { requestId } = c.var;
  if (problem.code === 'internal') log.error({ requestId, err: error }, 'a page failed');
  const caller = (c.get('desk') as Environment['Variables']['desk'] | undefined)?.caller;
  c.header('Cache-Control', 'no-store');
  for (const [name, value] of Object.entries(problem.headers)) c.header(name, value);
  return c.html(problemPage(problem, requestId, caller), problem.status);
}
