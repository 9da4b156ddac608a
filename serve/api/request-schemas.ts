import { z } from '@hono/zod-openapi';
import { memoryKinds, memoryScopes } from '../../contracts/memory.ts';
import { LONGEST_MESSAGE, LONGEST_REASON } from '../../contracts/messages.ts';
import { rememberScopes } from '../../contracts/remembered-approvals.ts';
import { statusKinds } from '../../contracts/task.ts';

const ID = '[A-Za-z0-9][A-Za-z0-9_.@+-]{0,127}';
const NAME = '[a-z][a-z0-9-]{0,63}';

/** What must hold for an id, written so that it also stands in the OpenAPI document. */
const id = (description: string) =>
  z
    .string()
    .regex(new RegExp(`^${ID}$`))
    .openapi({ description });
const name = (description: string) =>
  z
    .string()
    .regex(new RegExp(`^${NAME}$`))
    .openapi({ description });
const text = (longest: number) => z.string().regex(/\S/).max(longest);

/** The body of a request; what may be left out of it is told as that. */
const bodyOf = <Shape extends z.ZodRawShape>(
  name: string,
  shape: Shape,
  metadata: { readonly example?: unknown } = {},
) =>
  z.strictObject(shape).openapi(name, {
    // By itself the document would have it that what is exactly optional is required, and that what is unknown is not.
    required: Object.keys(shape).filter((field) => !isOptional(shape[field])),
    ...metadata,
  });
const isOptional = (schema: z.core.SomeType | undefined): boolean => schema?._zod.def.type === 'optional';

const moment = z.iso.datetime({ offset: true }).openapi({ example: '2027-01-31T09:00:00Z' });
const whole = (least: number, most: number) => z.coerce.number().int().min(least).max(most);

export const taskParam = z.object({
  task: z
    .string()
    .regex(new RegExp(`^(${ID}:)?${NAME}:${ID}$`))
    .openapi({ param: { name: 'task', in: 'path' }, description: 'Id of the task.', example: 'onboarding:acme' }),
});
export const questionParam = taskParam.extend({
  question: id('Id of the question, as the task tells it.').openapi({ param: { name: 'question', in: 'path' } }),
});
export const callParam = taskParam.extend({
  call: id('Id of the call, as the task tells it.').openapi({ param: { name: 'call', in: 'path' } }),
});
export const eventParam = taskParam.extend({
  event: id('Name of the event.').openapi({ param: { name: 'event', in: 'path' }, example: 'contract-signed' }),
});

export const requestParam = taskParam.extend({
  request: z
    .string()
    .regex(/^[A-Za-z0-9]{1,40}$/)
    .openapi({ param: { name: 'request', in: 'path' }, description: 'Id of the question or call.' }),
});

export const inboxQuery = z.strictObject({
  for: text(200).optional().openapi({ description: 'Only what is for this person, role or address.' }),
  agent: name('Only of this agent.').optional(),
  olderThanHours: z.coerce.number().min(0).max(100_000).optional().openapi({
    // Without this the document would allow null; and what is said here is all it says.
    type: 'number',
    minimum: 0,
    maximum: 100_000,
    description: 'Only what was asked at least so long ago.',
  }),
  limit: whole(1, 500).optional().openapi({ description: 'At most so many tasks are looked at.' }),
});

export const linkBody = bodyOf(
  'MakeLink',
  {
    for: text(200).exactOptional().openapi({ description: 'Who answers by it. Default: for whom the request is.' }),
    hours: z.int().min(1).max(2_160).exactOptional().openapi({ description: 'How long it holds. Default 168.' }),
  },
  { example: { for: 'mira@example.com', hours: 24 } },
);

export const idempotency = z.object({
  'idempotency-key': id(
    'The same key counts once: a task started with it is found again, a message sent with it changes nothing more.',
  ).optional(),
});

const roles = z
  .array(text(200))
  .max(50)
  .exactOptional()
  .openapi({ description: 'Roles in which they answer. Default: those of the key. Needs the right `act-for`.' });

const by = z
  .strictObject({ kind: z.enum(['person', 'service', 'agent']), id: text(200) })
  .exactOptional()
  .openapi({ description: 'Who acts, where that is not the key itself; needs the right `act-for`.' });

export const startBody = bodyOf(
  'StartTask',
  {
    agent: name('Name of the agent; GET /v1/agents lists them.'),
    input: z.unknown().openapi({ description: "The agent's input." }),
    key: id(
      'Business key: the same key of an agent is the same task. Default: the Idempotency-Key, or a random one.',
    ).exactOptional(),
    policy: z
      .record(z.string(), z.unknown())
      .exactOptional()
      .openapi({ description: "Loop policy over the agent's own." }),
    by,
  },
  { example: { agent: 'onboarding', key: 'acme', input: { company: 'Acme' } } },
);

export const sendBody = bodyOf(
  'SendMessage',
  { text: text(LONGEST_MESSAGE), channel: text(100).exactOptional(), by },
  { example: { text: 'The customer has moved to Lyon.' } },
);
export const eventBody = z.unknown().openapi('DeliverEvent', {
  // Of a text; what else it may be has no pattern.
  pattern: '\\S',
  maxLength: LONGEST_MESSAGE,
  description: 'Any JSON. A text is delivered as it is, anything else as the JSON it came as.',
  example: { type: 'contract.signed', data: { number: 4711 } },
});
export const answerBody = bodyOf(
  'AnswerQuestion',
  { answer: text(LONGEST_MESSAGE), by, roles },
  { example: { answer: 'team' } },
);

const remember = z
  .enum(rememberScopes)
  .exactOptional()
  .openapi({
    description:
      'Decide later calls that would be asked about for the same reason, too: of this task, of its subject, or of ' +
      'its agent. Default: only this call.',
  });
export const approveBody = bodyOf(
  'ApproveCall',
  {
    arguments: z.record(z.string(), z.unknown()).exactOptional().openapi({
      description: 'Call it with these instead; they are checked against the tool, and the agent is told.',
    }),
    remember,
    by,
    roles,
  },
  { example: { remember: 'task' } },
);
export const rejectBody = bodyOf(
  'RejectCall',
  { reason: text(LONGEST_REASON), remember, by, roles },
  { example: { reason: 'Not before spring.' } },
);
export const delegateBody = bodyOf(
  'DelegateRequest',
  {
    to: text(200).openapi({ description: 'A person, role or address.' }),
    note: text(LONGEST_REASON).exactOptional().openapi({ description: 'For whom it is handed to.' }),
    by,
    roles,
  },
  { example: { to: 'finance', note: 'This is yours.' } },
);

export const pauseBody = bodyOf(
  'PauseTask',
  {
    reason: text(LONGEST_REASON),
    until: moment.exactOptional(),
    now: z.boolean().exactOptional().openapi({ description: 'Also cancel the running model call.' }),
    by,
  },
  { example: { reason: 'The office is closed.', until: '2027-01-31T09:00:00Z' } },
);
/** More than any transcript has. */
const MOST_ENTRIES = 1_000_000_000;
export const resumeBody = bodyOf(
  'ResumeTask',
  {
    note: text(LONGEST_MESSAGE).exactOptional(),
    leaveOut: z.array(z.int().min(1).max(MOST_ENTRIES)).min(1).max(100).exactOptional().openapi({
      description: 'Entries of the transcript that the model is not shown any more, where a server refuses them.',
    }),
    by,
  },
  { example: { note: 'The key is mended.' } },
);
export const cancelBody = bodyOf(
  'CancelTask',
  { reason: text(LONGEST_REASON), by },
  { example: { reason: 'The customer has left.' } },
);
/** More than anybody means. */
const MOST = 1_000_000_000_000;
export const budgetBody = bodyOf(
  'RaiseBudget',
  {
    addTokens: z.int().min(0).max(MOST).exactOptional(),
    addMoney: z.number().min(0).max(MOST).exactOptional(),
    addTurns: z.int().min(0).max(MOST).exactOptional(),
    addMinutes: z.number().min(0).max(MOST).exactOptional(),
    by,
  },
  { example: { addTokens: 500_000 } },
);

export const listQuery = z.strictObject({
  agent: name('Only tasks of this agent.').optional(),
  subject: id('Only tasks about this subject.').optional(),
  status: z.enum(statusKinds).optional(),
  limit: whole(1, 500).optional(),
});

export const resultQuery = z.strictObject({
  wait: whole(0, 60).optional().openapi({ description: 'Seconds to wait for the end.' }),
});

const offset = z.string().regex(/^(0|\d{1,15}-\d{1,15})$/);
export const eventsQuery = z.strictObject({
  from: offset.optional().openapi({ description: 'Only events after this offset.' }),
});
export const lastEventId = z.object({
  'last-event-id': offset.optional().openapi({ description: 'Goes before `from`; browsers send it by themselves.' }),
});

const scope = z.union([
  z.strictObject({ scope: z.literal('global'), id: z.literal('all') }),
  z.strictObject({
    scope: z.enum(memoryScopes).exclude(['global']),
    id: z
      .string()
      .regex(new RegExp(`^${ID}(:${ID})*$`))
      .max(256),
  }),
]);

export const searchBody = bodyOf(
  'SearchMemories',
  {
    text: z.string().max(10_000).openapi({ description: 'A question or some words; empty for the newest memories.' }),
    scopes: z
      .array(scope)
      .min(1)
      .max(100)
      .exactOptional()
      .openapi({ description: 'Default: everything of the tenant.' }),
    kinds: z.array(z.enum(memoryKinds)).min(1).exactOptional(),
    limit: z.int().min(1).max(100).exactOptional(),
  },
  { example: { text: 'which plan did the customer choose' } },
);
