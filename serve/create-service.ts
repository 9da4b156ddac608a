import { OpenAPIHono } from '@hono/zod-openapi';
import { methodNotAllowed } from 'hono/method-not-allowed';
import { requestId } from 'hono/request-id';
import { secureHeaders } from 'hono/secure-headers';
import { createApi } from './api/mount-api.ts';
import { openApiDocument } from './api/openapi-document.ts';
import type { EventLog } from '../contracts/projection.ts';
import type { Caller } from './caller.ts';
import type { DeskDependencies } from './desk.ts';
import { answerNotAllowed, answerNotFound, answerProblems } from './http/answer-problem.ts';
import type { Environment } from './http/environment.ts';
import { limitBody } from './http/guard-body.ts';
import { guardHost } from './http/guard-host.ts';
import { identify } from './http/identify.ts';
import { logRequests } from './http/log-requests.ts';
import type { KeyRing } from './keys/key-ring.ts';
import { createStillMay } from './keys/still-may.ts';
import type { Limits } from './limits.ts';
import type { Log } from './log.ts';
import { createMcpEndpoint } from './mcp/mount-mcp.ts';
import { createPages } from './pages/mount-pages.ts';
import { identifyWebhook } from './webhooks/identify-webhook.ts';
import type { WebhookOptions } from './webhooks/identify-webhook.ts';

export interface ServiceOptions extends DeskDependencies {
  readonly keyRing: KeyRing;
  /** Who asks where no key does; absent where every request needs one. */
  readonly local: Caller | undefined;
  readonly limits: Limits;
  readonly log: Log;
  readonly version: string;
  /** Nothing but MCP, where that is asked. Default: everything. */
  readonly only?: 'mcp' | undefined;
  readonly events: EventLog;
  readonly webhooks: WebhookOptions;
  /** Signs the sessions of the pages. */
  readonly secret: string;
  /** Whether people reach the pages by HTTPS. */
  readonly secure: boolean;
}

/** The whole service as one application over requests and responses; `startService` gives it a port. */
export function createService(options: ServiceOptions): OpenAPIHono<Environment> {
  const { keyRing, local, limits, log, version } = options;
  const app = new OpenAPIHono<Environment>();
  app.use(requestId());
  // Whether there is encryption is known to the proxy that adds it.
  app.use(secureHeaders({ strictTransportSecurity: false }));
  app.use(logRequests(log));
  app.use(methodNotAllowed({ app, onMethodNotAllowed: answerNotAllowed }));
  app.onError(answerProblems(log));
  app.notFound(answerNotFound);
  app.get('/healthz', (c) => c.json({ status: 'ok' }));
  if (local) app.use(guardHost);
  const identified = identify({ keyRing, desk: options, limits, local });
  app.use('/mcp', identified);
  app.route('/', createMcpEndpoint(version));
  if (options.only === 'mcp') return app;
  const signed = identifyWebhook(options.webhooks, { desk: options, limits });
  app.post('/v1/tasks/:task/events/:event', limitBody, signed);
  app.use('/v1/*', identified);
  const stillMay = createStillMay(keyRing, local);
  const api = createApi({ limits, stillMay });
  app.route('/', api);
  app.get('/openapi.json', (c) => c.json(openApiDocument(api, version)));
  app.route('/', createPages({ ...options, desk: options, stillMay }));
  return app;
}
