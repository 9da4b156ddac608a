import { createRoute, z } from '@hono/zod-openapi';
import type { Right } from '../caller.ts';
import { guardAnyJson, guardBody } from '../http/guard-body.ts';
import type { ProblemStatus } from '../problems.ts';
import * as request from './request-schemas.ts';
import { agentSummary, delivery, inboxEntry, inboxList, taskEnding, taskSummary, taskView } from './task-schemas.ts';

const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    advice: z.string(),
    requestId: z.string(),
  })
  .openapi('Problem', { description: 'RFC 9457, with what to do.' });

const words: Readonly<Record<Exclude<ProblemStatus, 405>, string>> = {
  400: 'The request is malformed.',
  401: 'No valid key.',
  403: 'The key lacks the right; or the task wants somebody else to decide.',
  404: 'There is no such task in this tenant.',
  409: 'The task refuses it as it stands: it has ended, somebody has answered already, nothing of that id is open.',
  413: 'The body is too large.',
  415: 'The body is not JSON.',
  422: 'What was sent does not fit: the input the agent, an answer its question, arguments their tool.',
  429: 'Too much at once; the Retry-After header says when again.',
  500: 'A fault of this service.',
  503: 'A server or worker behind this service does not answer.',
};

const problemContent = { 'application/problem+json': { schema: problem } };
const problems = <Statuses extends readonly (keyof typeof words)[]>(...statuses: Statuses) =>
  Object.fromEntries(
    statuses.map((status) => [status, { description: words[status], content: problemContent }]),
  ) as Record<Statuses[number], { description: string; content: typeof problemContent }>;

const json = <Schema extends z.ZodType>(schema: Schema, description: string) => ({
  description,
  content: { 'application/json': { schema } },
});
const body = <Schema extends z.ZodType>(schema: Schema) => ({
  required: true,
  content: { 'application/json': { schema } },
});
const always = problems(400, 401, 403, 429, 500, 503);
const aboutTask = { ...always, ...problems(404) };
const withBody = { ...aboutTask, ...problems(413, 415) };
const keyed = (right: Right) => ({ security: [{ key: [right] }] });

export const agentsRoute = createRoute({
  method: 'get',
  path: '/v1/agents',
  operationId: 'listAgents',
  summary: 'The agents there are, with what they take and give',
  ...keyed('read'),
  responses: { 200: json(z.object({ agents: z.array(agentSummary) }), 'All of them.'), ...always },
});

export const startRoute = createRoute({
  method: 'post',
  path: '/v1/tasks',
  operationId: 'startTask',
  summary: 'Start a task',
  ...keyed('start'),
  middleware: guardBody,
  request: { headers: request.idempotency, body: body(request.startBody) },
  responses: {
    200: json(z.object({ taskId: z.string(), started: z.literal(false) }), 'It was there already, and is left alone.'),
    201: json(z.object({ taskId: z.string(), started: z.literal(true) }), 'Started.'),
    ...always,
    ...problems(413, 415, 422),
  },
});

export const listRoute = createRoute({
  method: 'get',
  path: '/v1/tasks',
  operationId: 'listTasks',
  summary: 'Tasks of the tenant: the open ones, then those that have ended; the newest first',
  ...keyed('read'),
  request: { query: request.listQuery },
  responses: { 200: json(z.object({ tasks: z.array(taskSummary) }), 'At most `limit` of them.'), ...always },
});

export const getRoute = createRoute({
  method: 'get',
  path: '/v1/tasks/{task}',
  operationId: 'getTask',
  summary: 'How a task stands',
  ...keyed('read'),
  request: { params: request.taskParam },
  responses: { 200: json(taskView, 'As it stands.'), ...aboutTask },
});

export const resultRoute = createRoute({
  method: 'get',
  path: '/v1/tasks/{task}/result',
  operationId: 'getResult',
  summary: 'How a task ended; can wait for it',
  ...keyed('read'),
  request: { params: request.taskParam, query: request.resultQuery },
  responses: { 200: json(taskEnding, 'Its result, why there is none, or `open`.'), ...aboutTask },
});

export const eventsRoute = createRoute({
  method: 'get',
  path: '/v1/tasks/{task}/events',
  operationId: 'followTask',
  summary: 'Events of a task as they happen, as server-sent events',
  description:
    'Each event has its offset as `id`, its type as `event`, and the whole of it as JSON in `data`. Come back with ' +
    '`Last-Event-ID` and nothing is missed; where the task has ended and all was told, the answer is 204.',
  ...keyed('read'),
  request: { params: request.taskParam, query: request.eventsQuery, headers: request.lastEventId },
  responses: {
    200: { description: 'Until the task ends.', content: { 'text/event-stream': { schema: z.string() } } },
    204: { description: 'The task has ended, and there is nothing after that offset.' },
    ...aboutTask,
  },
});

export const inboxRoute = createRoute({
  method: 'get',
  path: '/v1/inbox',
  operationId: 'listInbox',
  summary: 'Open questions and approvals of all tasks, the oldest first',
  ...keyed('read'),
  request: { query: request.inboxQuery },
  responses: { 200: json(inboxList, 'What people are asked.'), ...always },
});

export const requestRoute = createRoute({
  method: 'get',
  path: '/v1/inbox/{task}/{request}',
  operationId: 'getRequest',
  summary: 'One question or approval with what one must know to answer it',
  ...keyed('read'),
  request: { params: request.requestParam },
  responses: { 200: json(inboxEntry, 'It, whole.'), ...aboutTask, ...problems(409, 422) },
});

export const linkRoute = createRoute({
  method: 'post',
  path: '/v1/inbox/{task}/{request}/link',
  operationId: 'makeLink',
  summary: 'Make a link with which one person answers one request, without a key',
  description: 'Needs the right `act-for` besides: whoever has the link answers under that name.',
  ...keyed('answer'),
  middleware: guardBody,
  request: { params: request.requestParam, body: body(request.linkBody) },
  responses: {
    201: json(
      z
        .object({ token: z.string(), url: z.string().optional(), for: z.string(), expires: z.string() })
        .openapi('AnswerLink'),
      'The link; `url` where the service knows its own address.',
    ),
    ...withBody,
    ...problems(409, 422),
  },
});

/** A message to a task: taken, or left for it where no worker is up. */
const messageRoute = <
  const Path extends string,
  const OperationId extends string,
  Params extends z.ZodObject,
  Body extends z.ZodType,
>(
  right: Right,
  route: { path: Path; operationId: OperationId; summary: string; params: Params; body: Body },
) =>
  createRoute({
    method: 'post',
    path: route.path,
    operationId: route.operationId,
    summary: route.summary,
    ...keyed(right),
    middleware: guardBody,
    request: { params: route.params, headers: request.idempotency, body: body(route.body) },
    responses: {
      200: json(delivery, 'The task has taken it.'),
      202: json(delivery, 'No worker is up; it is left for the task.'),
      ...withBody,
      ...problems(409, 422),
    },
  });

export const sendRoute = messageRoute('send', {
  path: '/v1/tasks/{task}/messages',
  operationId: 'sendMessage',
  summary: 'Send a message to a task',
  params: request.taskParam,
  body: request.sendBody,
});
export const deliverRoute = createRoute({
  ...messageRoute('send', {
    path: '/v1/tasks/{task}/events/{event}',
    operationId: 'deliverEvent',
    summary: 'Deliver an event that a task waits for, or will wait for',
    params: request.eventParam,
    body: request.eventBody,
  }),
  security: [...keyed('send').security, { webhook: [] }],
  middleware: guardAnyJson,
});
export const answerRoute = messageRoute('answer', {
  path: '/v1/tasks/{task}/questions/{question}/answer',
  operationId: 'answerQuestion',
  summary: 'Answer a question',
  params: request.questionParam,
  body: request.answerBody,
});
export const approveRoute = messageRoute('answer', {
  path: '/v1/tasks/{task}/approvals/{call}/approve',
  operationId: 'approveCall',
  summary: 'Allow a tool call',
  params: request.callParam,
  body: request.approveBody,
});
export const rejectRoute = messageRoute('answer', {
  path: '/v1/tasks/{task}/approvals/{call}/reject',
  operationId: 'rejectCall',
  summary: 'Refuse a tool call; the agent is told why',
  params: request.callParam,
  body: request.rejectBody,
});
export const delegateRoute = messageRoute('answer', {
  path: '/v1/inbox/{task}/{request}/delegate',
  operationId: 'delegateRequest',
  summary: 'Hand a question or an approval on to somebody else',
  params: request.requestParam,
  body: request.delegateBody,
});
export const pauseRoute = messageRoute('control', {
  path: '/v1/tasks/{task}/pause',
  operationId: 'pauseTask',
  summary: 'Pause a task',
  params: request.taskParam,
  body: request.pauseBody,
});
export const resumeRoute = messageRoute('control', {
  path: '/v1/tasks/{task}/resume',
  operationId: 'resumeTask',
  summary: 'Let a paused or blocked task go on',
  params: request.taskParam,
  body: request.resumeBody,
});
export const cancelRoute = messageRoute('control', {
  path: '/v1/tasks/{task}/cancel',
  operationId: 'cancelTask',
  summary: 'Cancel a task',
  params: request.taskParam,
  body: request.cancelBody,
});
export const budgetRoute = messageRoute('control', {
  path: '/v1/tasks/{task}/budget',
  operationId: 'raiseBudget',
  summary: 'Raise budgets; a task that is blocked for want of one goes on',
  params: request.taskParam,
  body: request.budgetBody,
});

export const searchRoute = createRoute({
  method: 'post',
  path: '/v1/memories/search',
  operationId: 'searchMemories',
  summary: 'Search memories by meaning and by words',
  ...keyed('memories'),
  middleware: guardBody,
  request: { body: body(request.searchBody) },
  responses: {
    200: json(
      z.object({
        memories: z.array(
          z
            .object({
              id: z.string(),
              score: z.number(),
              kind: z.string(),
              scope: z.object({ scope: z.string(), id: z.string() }),
              text: z.string(),
              subject: z.string().optional(),
              trust: z.string(),
              validFrom: z.string(),
              validTo: z.string().optional(),
            })
            .openapi('Memory'),
        ),
      }),
      'The best first.',
    ),
    ...always,
    ...problems(404, 409, 413, 415, 422),
  },
});
