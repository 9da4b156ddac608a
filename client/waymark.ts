import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import type { SearchAttributePair } from '@temporalio/common';
import type { Agent, TaskOpening } from '../agents/define-agent.ts';
import { DEFAULT_TENANT, parseTaskId, taskIdOf } from '../contracts/ids.ts';
import type { TaskRef } from '../contracts/ids.ts';
import type { LoopPolicyOverride } from '../contracts/policy.ts';
import type { EventLog, TranscriptStore } from '../contracts/projection.ts';
import { searchAttributes as keys } from '../contracts/search-attributes.ts';
import type { TaskRecords } from '../contracts/task-record.ts';
import type { AgentTaskInput, StatusKind } from '../contracts/task.ts';
import type { Actor } from '../contracts/transcript.ts';
import { WaymarkError } from './errors.ts';
import { createAnswerLinks } from './answer-links.ts';
import { createRememberedApprovals } from './remembered-approvals.ts';
import type { RememberedApprovals } from './remembered-approvals.ts';
import { createInbox } from './inbox.ts';
import type { Inbox } from './inbox.ts';
import { listTasks } from './list-tasks.ts';
import type { TaskPage } from './list-tasks.ts';
import { createSharedAnswers } from './shared-answers.ts';
import type { TaskFilter, TaskSummary } from './task-list.ts';
import type { TaskHandle } from './task-handle.ts';
import { createTaskHandle } from './task-handle.ts';
import { asWaymarkError } from './temporal-errors.ts';

const ANSWER_WITHIN_MS = 5_000;

export interface WaymarkOptions {
  readonly temporal: Client;
  /** Where that client is connected to, for messages to people. */
  readonly address: string;
  readonly events: EventLog;
  /** Default `waymark`. */
  readonly taskQueue?: string;
  /** Default `default`. */
  readonly tenant?: string;
  /** Who acts where a call names nobody. Default a service named after the process. */
  readonly actor?: Actor;
  /** What else the actor answers requests as, e.g. `finance`. Default nothing. */
  readonly roles?: readonly string[];
  /** Whether the namespace has Waymark's search attributes. Default true. Without them, lists come from `records`. */
  readonly searchAttributes?: boolean;
  /** Task records: by which tasks are listed where Temporal cannot search for them, and an inbox without asking each task. */
  readonly records?: TaskRecords;
  /** Transcripts, for the background of what people are asked. Default: what the task itself still knows. */
  readonly transcripts?: TranscriptStore;
  /** Signs links to the answer page: at least 32 bytes. Default: there are no links. */
  readonly linkKey?: string;
  /** Where the answer page is, e.g. `https://waymark.example.com`. Default: links are tokens without an address. */
  readonly linkBase?: string;
  /** Milliseconds a message may stay unanswered before it is left as a signal. Default 5,000. */
  readonly answerWithinMs?: number;
}

export interface StartOptions<Input> {
  readonly input: Input;
  /** The business key: the same key of an agent is the same task. Default: a random one. */
  readonly key?: string;
  readonly policy?: LoopPolicyOverride;
  readonly by?: Actor;
}

/** A started task; `started` is false where the key was taken and the task was there already. */
export interface StartedTask<Output> extends TaskHandle<Output> {
  readonly started: boolean;
}

/** What a service does with tasks. */
export interface Waymark {
  /** Starts a task of an agent. @throws WaymarkError `InvalidInput` naming the field, `Unreachable` */
  start<Input, Output>(agent: Agent<Input, Output>, options: StartOptions<Input>): Promise<StartedTask<Output>>;
  /**
   * The handle of a task of this tenant; nothing is asked yet. Give the agent for typed results.
   * @throws WaymarkError `TaskNotFound` for the id of another tenant's or agent's task, or what is none
   */
  get<Input, Output>(taskId: string, agent?: Agent<Input, Output>): TaskHandle<Output>;
  /** Tasks of this tenant: those that are open, the newest first; then those that have ended, the last first. */
  list(filter?: TaskFilter): Promise<TaskSummary[]>;
  /** The same, with where the list goes on. */
  page(filter?: TaskFilter): Promise<TaskPage>;
  /** What the tasks of this tenant wait for people to do. */
  readonly inbox: Inbox;
  /** What people have decided on tool calls for good. */
  readonly remembered: RememberedApprovals;
}

export function createWaymark(options: WaymarkOptions): Waymark {
  const { temporal, address, tenant = DEFAULT_TENANT } = options;
  const actor = options.actor ?? { kind: 'service', id: 'service' };
  const handles = {
    temporal,
    address,
    tenant,
    events: options.events,
    shared: createSharedAnswers(),
    actor,
    roles: options.roles ?? [],
    answerWithinMs: options.answerWithinMs ?? ANSWER_WITHIN_MS,
  };
  const get = <Input, Output>(taskId: string, agent?: Agent<Input, Output>): TaskHandle<Output> => {
    refuseForeign(taskId, { tenant, agent: agent?.name });
    return createTaskHandle(handles, taskId);
  };
  return {
    start: async (agent, given) => {
      const key = given.key ?? randomUUID();
      const opening = openingOf(agent, given.input);
      const taskId = idOf({ tenant, agent: agent.name, key });
      const start = startInput({ tenant, agent, key, opening, given, by: given.by ?? actor });
      if (given.key !== undefined) await forgetEarlierEvents(options, { tenant, taskId });
      const started = await startWorkflow(options, { taskId, agent, opening, start });
      return { ...createTaskHandle(handles, taskId), started };
    },
    get,
    list: async (filter = {}) => [...(await listTasks(options, tenant, filter)).tasks],
    page: (filter = {}) => listTasks(options, tenant, filter),
    remembered: createRememberedApprovals({ temporal, address, tenant, actor }),
    inbox: createInbox({
      options,
      tenant,
      answerWithinMs: handles.answerWithinMs,
      get,
      links: options.linkKey === undefined ? undefined : createAnswerLinks({ key: options.linkKey }),
      linkBase: options.linkBase,
    }),
  };
}

function refuseForeign(
  taskId: string,
  expected: { readonly tenant: string; readonly agent: string | undefined },
): void {
  const name = parseTaskId(taskId);
  if (!name) throw new WaymarkError('TaskNotFound', `"${taskId}" is no task id; one looks like onboarding:acme.`);
  if (name.tenant !== expected.tenant) {
    throw new WaymarkError('TaskNotFound', `Tenant "${expected.tenant}" has no task ${taskId}.`);
  }
  if (expected.agent === undefined || name.agent === expected.agent) return;
  throw new WaymarkError('TaskNotFound', `Task ${taskId} is not one of agent "${expected.agent}".`);
}

function openingOf(agent: Agent, input: unknown): TaskOpening {
  const opened = agent.open(input);
  if (opened.ok) return opened.value;
  throw new WaymarkError('InvalidInput', `The input does not fit agent "${agent.name}": ${opened.problem}.`);
}

function idOf(name: { tenant: string; agent: string; key: string }): string {
  try {
    return taskIdOf(name);
  } catch (error) {
    throw new WaymarkError('InvalidInput', error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function startInput(from: {
  readonly tenant: string;
  readonly agent: Agent;
  readonly key: string;
  readonly opening: TaskOpening;
  readonly given: StartOptions<unknown>;
  readonly by: Actor;
}): AgentTaskInput {
  const { tenant, agent, key, opening, given, by } = from;
  return {
    tenant,
    agent: agent.name,
    key,
    input: JSON.parse(JSON.stringify(given.input)),
    startedBy: by,
    ...(opening.subject === undefined ? {} : { subject: opening.subject }),
    ...(given.policy === undefined ? {} : { policy: given.policy }),
  };
}

/**
 * A key may be used again after its task failed. Whoever watches the new task must not see the end of the old one; the
 * task itself removes those events only once a worker is up.
 */
async function forgetEarlierEvents({ temporal, events }: WaymarkOptions, task: TaskRef): Promise<void> {
  try {
    const [earlier] = await events.read(task, { from: '0', limit: 1 });
    if (!earlier) return;
    const { status } = await temporal.workflow.getHandle(task.taskId).describe();
    if (status.name !== 'RUNNING' && status.name !== 'COMPLETED') await events.remove(task);
  } catch {
    // Events are not the truth: a start does not depend on them.
  }
}

/** True when it was started, false when a task of that id runs or has completed. */
async function startWorkflow(
  { temporal, address, taskQueue = 'waymark', searchAttributes = true }: WaymarkOptions,
  task: {
    readonly taskId: string;
    readonly agent: Agent;
    readonly opening: TaskOpening;
    readonly start: AgentTaskInput;
  },
): Promise<boolean> {
  const { taskId, agent, opening, start } = task;
  try {
    await temporal.workflow.start(agent.name, {
      taskQueue,
      workflowId: taskId,
      workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY',
      workflowIdConflictPolicy: 'FAIL',
      args: [start],
      staticSummary: opening.goal,
      staticDetails: `**Agent** ${agent.name}: ${agent.description}\n\n**Started by** ${start.startedBy.id}`,
      memo: { goal: opening.goal, startedBy: start.startedBy.id, key: start.key },
      ...(searchAttributes ? { typedSearchAttributes: attributesOf(start) } : {}),
    });
    return true;
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return false;
    throw asWaymarkError(error, { taskId, address });
  }
}

function attributesOf({ agent, tenant, subject }: AgentTaskInput): SearchAttributePair[] {
  const pairs: SearchAttributePair[] = [
    { key: keys.agent, value: agent },
    { key: keys.tenant, value: tenant },
    { key: keys.status, value: 'running' satisfies StatusKind },
    { key: keys.turn, value: 0 },
  ];
  return subject === undefined ? pairs : [...pairs, { key: keys.subject, value: subject }];
}
