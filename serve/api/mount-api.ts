import { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { readPolicy } from '../../client/index.ts';
import type { Delivery } from '../../client/index.ts';
import { defined } from '../defined.ts';
import type { Environment } from '../http/environment.ts';
import { Problem } from '../problems.ts';
import { eventText } from './event-text.ts';
import { streamTask } from './stream-task.ts';
import type { StreamDependencies } from './stream-task.ts';
import * as routes from './routes.ts';

/** The HTTP interface for services in any language: every operation, and the document that describes it. */
export function createApi(dependencies: StreamDependencies): OpenAPIHono<Environment> {
  const api = new OpenAPIHono<Environment>({
    defaultHook: (result) => {
      if (result.success) return;
      const problems = result.error.issues.map(({ path, message }) => `${path.join('.') || '(all)'}: ${message}`);
      throw new Problem('invalid-request', `${partWords[result.target]} does not fit: ${problems.join('; ')}.`);
    },
  });
  addReading(api, dependencies);
  addStarting(api);
  addMessages(api);
  addInbox(api);
  addMemories(api);
  return api;
}

const partWords: Readonly<Record<string, string>> = {
  json: 'The body',
  param: 'The path',
  query: 'The query',
  header: 'The header',
};

function addReading(api: OpenAPIHono<Environment>, dependencies: StreamDependencies): void {
  api.openapi(routes.agentsRoute, (c) => c.json({ agents: [...c.var.desk.agents()] }, 200));
  api.openapi(routes.listRoute, async (c) => {
    const given = c.req.valid('query');
    return c.json({ tasks: await c.var.desk.list(defined(given)) }, 200);
  });
  api.openapi(routes.getRoute, async (c) => c.json(await c.var.desk.show(c.req.valid('param').task), 200));
  api.openapi(routes.resultRoute, async (c) => {
    const { wait = 0 } = c.req.valid('query');
    return c.json(await c.var.desk.ending(c.req.valid('param').task, wait * 1_000), 200);
  });
  api.openapi(routes.eventsRoute, async (c) => {
    const from = c.req.valid('header')['last-event-id'] ?? c.req.valid('query').from ?? '0';
    return streamTask(dependencies, { desk: c.var.desk, taskId: c.req.valid('param').task, from });
  });
}

function addStarting(api: OpenAPIHono<Environment>): void {
  api.openapi(routes.startRoute, async (c) => {
    const { agent, input, key = c.req.valid('header')['idempotency-key'], policy, by } = c.req.valid('json');
    const request = { agent, input, key, by, policy: policy === undefined ? undefined : readPolicy(policy) };
    const { taskId, started } = await c.var.desk.start(request);
    return started ? c.json({ taskId, started }, 201) : c.json({ taskId, started }, 200);
  });
}

function addMessages(api: OpenAPIHono<Environment>): void {
  api.openapi(routes.sendRoute, async (c) =>
    taken(c, await c.var.desk.send(c.req.valid('param').task, { ...idOf(c), ...c.req.valid('json') })),
  );
  api.openapi(routes.deliverRoute, async (c) => {
    const { task, event } = c.req.valid('param');
    return taken(c, await c.var.desk.send(task, { ...idOf(c), event, text: eventText(await c.req.text()) }));
  });
  api.openapi(routes.answerRoute, async (c) => {
    const { task, question } = c.req.valid('param');
    const { answer, ...rest } = c.req.valid('json');
    return taken(c, await c.var.desk.answer(task, { ...idOf(c), questionId: question, text: answer, ...rest }));
  });
  api.openapi(routes.approveRoute, async (c) => {
    const { task, call } = c.req.valid('param');
    const { arguments: changed, ...rest } = c.req.valid('json');
    const given = changed === undefined ? {} : { arguments: JSON.stringify(changed) };
    return taken(c, await c.var.desk.approve(task, { ...idOf(c), callId: call, ...given, ...rest }));
  });
  api.openapi(routes.rejectRoute, async (c) => {
    const { task, call } = c.req.valid('param');
    return taken(c, await c.var.desk.reject(task, { ...idOf(c), callId: call, ...c.req.valid('json') }));
  });
  api.openapi(routes.delegateRoute, async (c) => {
    const { task, request } = c.req.valid('param');
    return taken(c, await c.var.desk.delegate(task, { ...idOf(c), requestId: request, ...c.req.valid('json') }));
  });
  api.openapi(routes.pauseRoute, async (c) => {
    const { until, ...given } = c.req.valid('json');
    const end = until === undefined ? {} : { until: new Date(until).toISOString() };
    return taken(c, await c.var.desk.pause(c.req.valid('param').task, { ...idOf(c), ...given, ...end }));
  });
  api.openapi(routes.resumeRoute, async (c) =>
    taken(c, await c.var.desk.resume(c.req.valid('param').task, { ...idOf(c), ...c.req.valid('json') })),
  );
  api.openapi(routes.cancelRoute, async (c) =>
    taken(c, await c.var.desk.cancel(c.req.valid('param').task, { ...idOf(c), ...c.req.valid('json') })),
  );
  api.openapi(routes.budgetRoute, async (c) =>
    taken(c, await c.var.desk.budget(c.req.valid('param').task, { ...idOf(c), ...c.req.valid('json') })),
  );
}

const HOUR_MS = 3_600_000;

function addInbox(api: OpenAPIHono<Environment>): void {
  api.openapi(routes.inboxRoute, async (c) => {
    const { olderThanHours: hours, ...given } = c.req.valid('query');
    const olderThan = hours === undefined ? {} : { olderThan: Math.ceil(hours * HOUR_MS) };
    const { items, silent, more } = await c.var.desk.inbox({ ...defined(given), ...olderThan });
    return c.json({ items: [...items], silent: [...silent], more }, 200);
  });
  api.openapi(routes.requestRoute, async (c) => {
    const { task, request } = c.req.valid('param');
    return c.json(await c.var.desk.request(task, request), 200);
  });
  api.openapi(routes.linkRoute, async (c) => {
    const { task, request } = c.req.valid('param');
    const { for: whom, hours } = c.req.valid('json');
    const goodFor = hours === undefined ? {} : { goodFor: hours * HOUR_MS };
    return c.json(await c.var.desk.link(task, request, { ...defined({ for: whom }), ...goodFor }), 201);
  });
}

function addMemories(api: OpenAPIHono<Environment>): void {
  api.openapi(routes.searchRoute, async (c) => {
    const found = await c.var.desk.search(c.req.valid('json'));
    const memories = found.map(({ memory, score }) => {
      const { id, kind, scope, text, subject, trust, validFrom, validTo } = memory;
      return { id, score, kind, scope, text, trust, validFrom, ...defined({ subject, validTo }) };
    });
    return c.json({ memories }, 200);
  });
}

/** The webhook's id, or the key of the request, as the id of its message, so that a retry counts once. */
function idOf(c: Context<Environment>): { readonly id?: string } {
  // What of a webhook is not signed has no say in it.
  const key = c.var.webhookId ?? c.req.header('idempotency-key');
  return key === undefined ? {} : { id: `${c.var.desk.caller.id}:${key}` };
}

function taken(c: Context<Environment>, delivery: Delivery) {
  return delivery.delivered === 'update' ? c.json(delivery, 200) : c.json(delivery, 202);
}
