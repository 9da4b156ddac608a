import { z } from '@hono/zod-openapi';
import { statusKinds } from '../../contracts/task.ts';

const time = z.string().openapi({ format: 'date-time', example: '2026-11-25T09:00:00.000Z' });
const actor = z.object({ kind: z.enum(['person', 'service', 'agent']), id: z.string() });

const asked = {
  askedAt: time,
  for: z.string().optional().openapi({ description: 'For whom at present.' }),
  answerBy: z
    .literal('addressee')
    .optional()
    .openapi({ description: 'Only whom it is for may answer. Absent: anybody may.' }),
  deadline: time.optional(),
};

export const question = z
  .object({
    id: z.string(),
    text: z.string(),
    why: z.string().optional(),
    choices: z.array(z.string()).readonly().optional(),
    schema: z.record(z.string(), z.any()).optional().openapi({ description: 'JSON Schema that an answer must fit.' }),
    defaultAnswer: z.string().optional(),
    ...asked,
  })
  .openapi('Question');

export const approval = z
  .object({
    callId: z.string(),
    tool: z.string(),
    arguments: z.string().openapi({ description: 'The arguments as JSON text.' }),
    reason: z.string(),
    notBy: z
      .array(z.string())
      .readonly()
      .optional()
      .openapi({ description: 'Who asked for it, and may not approve it.' }),
    ...asked,
  })
  .openapi('Approval');

export const plan = z
  .array(
    z
      .object({
        id: z.string(),
        title: z.string(),
        status: z.enum(['open', 'active', 'done', 'skipped']),
        note: z.string().optional(),
      })
      .openapi('PlanItem'),
  )
  .readonly();

const inboxFields = {
  id: z.string(),
  taskId: z.string(),
  requestId: z.string().openapi({ description: 'Id of the question or call.' }),
  kind: z.enum(['question', 'approval']),
  agent: z.string(),
  subject: z.string().optional(),
  goal: z.string(),
  status: z.string(),
  ...asked,
  request: z.union([
    question.extend({ kind: z.literal('question') }).openapi('QuestionRequest'),
    approval.extend({ kind: z.literal('approval') }).openapi('ApprovalRequest'),
  ]),
};
const inboxItem = z.object(inboxFields).openapi('InboxItem');
export const inboxList = z
  .object({
    items: z.array(inboxItem),
    silent: z.array(z.string()).openapi({
      description:
        'Tasks that wait for somebody and could not say for what: no record is left of them, and no worker answered.',
    }),
    more: z
      .boolean()
      .openapi({ description: 'Do more tasks wait than were looked at? Narrow the filter to see them.' }),
  })
  .openapi('Inbox');
export const inboxEntry = z
  .object({
    ...inboxFields,
    plan,
    story: z.array(z.string()).readonly().openapi({ description: 'What happened last, oldest first.' }),
    startedAt: time,
    turn: z.number(),
  })
  .openapi('InboxEntry');

const status = z
  .object({
    kind: z.enum(statusKinds),
    for: z
      .enum(['question', 'approval', 'timer', 'event', 'message'])
      .optional()
      .openapi({ description: 'Where it is waiting.' }),
    reason: z.string().optional().openapi({ description: 'Where it failed, was cancelled, or waits for a time.' }),
    event: z.string().optional().openapi({ description: 'Where it waits for an event.' }),
    until: time.optional(),
    pause: z
      .object({ reason: z.string(), by: actor, since: time, until: time.optional(), untilEvent: z.string().optional() })
      .optional(),
    block: z.object({ reason: z.string(), cause: z.string(), stage: z.string(), since: time }).optional(),
  })
  .openapi('TaskStatus');

const amount = z.object({ spent: z.number(), limit: z.number().nullable() });

export const taskProgress = z
  .object({
    taskId: z.string(),
    agent: z.string(),
    subject: z.string().optional(),
    goal: z.string(),
    status,
    turn: z.number(),
    plan,
    questions: z.array(question).readonly(),
    approvals: z.array(approval).readonly(),
    spent: z.object({
      promptTokens: z.number().openapi({ description: 'All of the prompts, also what came from a cache.' }),
      completionTokens: z.number().openapi({ description: 'All of the answers, also what was thought.' }),
      cachedTokens: z.number().optional().openapi({ description: "Of the prompts: read from the provider's cache." }),
      cacheWriteTokens: z.number().optional().openapi({ description: 'Of the prompts: written to it.' }),
      reasoningTokens: z.number().optional().openapi({ description: 'Of the answers: thought.' }),
      money: z.number(),
    }),
    budget: z.object({ tokens: amount, money: amount, turns: amount, minutes: amount }),
    lastObservation: z.string().optional(),
    waitedMs: z.number(),
    startedAt: time,
    updatedAt: time,
    result: z.any().optional(),
  })
  .openapi('TaskProgress');

export const taskSummary = z
  .object({
    taskId: z.string(),
    agent: z.string(),
    status: z.string(),
    subject: z.string().optional(),
    goal: z.string().optional(),
    waitingFor: z.string().optional(),
    turn: z.number().optional(),
    startedAt: time,
    closedAt: time.optional(),
  })
  .openapi('TaskSummary');

export const taskView = z
  .union([
    z.object({ source: z.literal('worker'), task: taskProgress }),
    z.object({ source: z.literal('temporal'), task: taskSummary }),
  ])
  .openapi('TaskView', { description: 'As its worker tells it; or, where none answers, what Temporal knows of it.' });

export const taskEnding = z
  .union([
    z.object({ taskId: z.string(), status: z.literal('open') }),
    z.object({ taskId: z.string(), status: z.literal('completed'), result: z.any() }),
    z.object({ taskId: z.string(), status: z.enum(['failed', 'cancelled']), reason: z.string() }),
  ])
  .openapi('TaskEnding');

export const delivery = z
  .union([
    z.object({ delivered: z.literal('update'), status: z.enum(statusKinds), duplicate: z.boolean() }),
    z.object({ delivered: z.literal('signal'), note: z.string() }),
  ])
  .openapi('Delivery', {
    description:
      'Taken by the task, with its status then; or, where no worker is up, left for it as a signal. `duplicate`: ' +
      'a message of that id had come before, and nothing changed.',
  });

export const agentSummary = z
  .object({
    name: z.string(),
    description: z.string(),
    input: z.record(z.string(), z.unknown()).openapi({ description: 'JSON Schema of what a task is started with.' }),
    output: z.record(z.string(), z.unknown()).openapi({ description: 'JSON Schema of its result.' }),
  })
  .openapi('Agent');
