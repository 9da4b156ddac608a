import { setTimeout as delay } from 'node:timers/promises';
import type { Agent } from '../agents/define-agent.ts';
import type { AnswerLink, Inbox, InboxEntry, InboxFilter, InboxList } from '../client/index.ts';
import type { TaskFilter, TaskSummary, Unsigned, Waymark } from '../client/index.ts';
import { WaymarkError } from '../client/index.ts';
import type { Delivery, TaskHandle } from '../client/index.ts';
import type { WatchedEvent } from '../contracts/events.ts';
import type { JsonSchema } from '../contracts/json.ts';
import { everywhere } from '../contracts/memory.ts';
import type { RecalledMemory } from '../contracts/memory-query.ts';
import type { AskedScope, MemoryKind, ScopeRef } from '../contracts/memory.ts';
import type { LoopPolicyOverride } from '../contracts/policy.ts';
import type { TaskProgress } from '../contracts/task.ts';
import type { Actor } from '../contracts/transcript.ts';
import type { Acting } from '../contracts/who-may-answer.ts';
import type { Caller, Right } from './caller.ts';
import { rightWords } from './caller.ts';
import type { Limits } from './limits.ts';
import { Problem } from './problems.ts';

/** What a service stands on; whoever starts it builds these. */
export interface DeskDependencies {
  /** The client of a tenant. */
  readonly waymarkOf: (tenant: string) => Waymark;
  readonly agents: readonly Agent[];
  /** Absent where memories cannot be searched here. */
  readonly memories?: MemorySearch;
  readonly limits: Pick<Limits, 'message'>;
  /** Aborted when the service stops: whoever follows a task or waits for its end is told what there is, at once. */
  readonly stopping: AbortSignal;
}

/** Searches the memories of a tenant. */
export interface MemorySearch {
  recall(tenant: string, query: MemoryQuery): Promise<RecalledMemory[]>;
}

export interface MemoryQuery {
  readonly text: string;
  readonly scopes: readonly AskedScope[];
  readonly kinds?: readonly MemoryKind[];
  readonly limit?: number;
  readonly reader: { readonly name: string };
}

export interface AgentSummary {
  readonly name: string;
  readonly description: string;
  readonly input: JsonSchema;
  readonly output: JsonSchema;
}

/** A task as it stands: as its worker tells it, or where none answers, what Temporal knows. */
export type TaskView =
  | { readonly source: 'worker'; readonly task: TaskProgress }
  | { readonly source: 'temporal'; readonly task: TaskSummary };

/** How a task ended; `open` where it has not. */
export type TaskEnding =
  | { readonly taskId: string; readonly status: 'open' }
  | { readonly taskId: string; readonly status: 'completed'; readonly result: unknown }
  | { readonly taskId: string; readonly status: 'failed' | 'cancelled'; readonly reason: string };

/** Reading the result of a task that has ended takes no longer. */
const LONGEST_LOOK_MS = 10_000;

export interface StartRequest {
  readonly agent: string;
  readonly input: unknown;
  readonly key?: string | undefined;
  readonly policy?: LoopPolicyOverride | undefined;
  readonly by?: Actor | undefined;
}

/**
 * What one caller can do: everything here is within its tenant and its rights, whichever door it came through.
 * @throws Problem, WaymarkError
 */
export interface Desk {
  readonly caller: Caller;
  agents(): readonly AgentSummary[];
  start(request: StartRequest): Promise<{ readonly taskId: string; readonly started: boolean }>;
  list(filter: TaskFilter): Promise<TaskSummary[]>;
  show(taskId: string): Promise<TaskView>;
  /** Waits up to `waitMs` for the end. */
  ending(taskId: string, waitMs: number): Promise<TaskEnding>;
  /** Is it there, and has it ended? Needs no worker. */
  summary(taskId: string): Promise<TaskSummary>;
  events(taskId: string, options: { from: string; signal: AbortSignal }): AsyncGenerator<WatchedEvent>;
  send(taskId: string, message: Unsigned<'send'>): Promise<Delivery>;
  answer(taskId: string, message: Unsigned<'answer'>): Promise<Delivery>;
  approve(taskId: string, message: Unsigned<'approve'>): Promise<Delivery>;
  reject(taskId: string, message: Unsigned<'reject'>): Promise<Delivery>;
  /** Hands a question or an approval on. */
  delegate(taskId: string, message: Unsigned<'delegate'>): Promise<Delivery>;
  pause(taskId: string, message: Unsigned<'pause'>): Promise<Delivery>;
  resume(taskId: string, message: Unsigned<'resume'>): Promise<Delivery>;
  budget(taskId: string, message: Unsigned<'budget'>): Promise<Delivery>;
  cancel(taskId: string, message: Unsigned<'cancel'>): Promise<Delivery>;
  /** What people are asked, the oldest first. */
  inbox(filter: InboxFilter): Promise<InboxList>;
  /** One request, with what one must know to answer it. */
  request(taskId: string, requestId: string): Promise<InboxEntry>;
  /** A link with which somebody answers one request; making one is acting for them. */
  link(taskId: string, requestId: string, options: Parameters<Inbox['link']>[1]): Promise<AnswerLink>;
  /** Searches what the caller may read: the scopes named, or every one of the tenant. */
  search(query: {
    readonly text: string;
    readonly scopes?: readonly ScopeRef[] | undefined;
    readonly kinds?: readonly MemoryKind[] | undefined;
    readonly limit?: number | undefined;
  }): Promise<RecalledMemory[]>;
}

export function openDesk(dependencies: DeskDependencies, caller: Caller): Desk {
  const { waymarkOf, agents, memories, limits, stopping } = dependencies;
  const waymark = waymarkOf(caller.tenant);
  const task = (taskId: string): TaskHandle => waymark.get(taskId);
  const needing = (right: Right): void => needRight(caller, right);
  const sending = async (right: Right, taskId: string): Promise<TaskHandle> => {
    needing(right);
    const handle = task(taskId);
    await limits.message(caller, taskId);
    return handle;
  };
  const signed = <Message extends { readonly by?: Actor }>(message: Message) => ({
    ...message,
    by: signerOf(caller, message.by),
  });
  const answering = <Message extends Partial<Acting>>(message: Message) => ({
    ...message,
    ...answererOf(caller, message),
  });
  return {
    caller,
    agents: () => {
      needing('read');
      return agents.map(({ name, description, inputSchema, outputSchema }) => ({
        name,
        description,
        input: inputSchema,
        output: outputSchema,
      }));
    },
    start: async ({ agent, input, key, policy, by }) => {
      needing('start');
      const { taskId, started } = await waymark.start(agentNamed(agents, agent), {
        input,
        by: signerOf(caller, by),
        ...(key === undefined ? {} : { key }),
        ...(policy === undefined ? {} : { policy }),
      });
      return { taskId, started };
    },
    list: async (filter) => {
      needing('read');
      return waymark.list(filter);
    },
    show: async (taskId) => {
      needing('read');
      return viewOf(task(taskId));
    },
    ending: async (taskId, waitMs) => {
      needing('read');
      return endingOf(task(taskId), { waitMs, stopping });
    },
    summary: async (taskId) => {
      needing('read');
      return task(taskId).summary();
    },
    events: (taskId, { from, signal }) => {
      needing('read');
      return task(taskId).events({ from, signal: AbortSignal.any([signal, stopping]) });
    },
    send: async (taskId, message) => (await sending('send', taskId)).send(signed(message)),
    answer: async (taskId, message) => (await sending('answer', taskId)).answer(answering(message)),
    approve: async (taskId, message) => (await sending('answer', taskId)).approve(answering(message)),
    reject: async (taskId, message) => (await sending('answer', taskId)).reject(answering(message)),
    delegate: async (taskId, message) => (await sending('answer', taskId)).delegate(answering(message)),
    pause: async (taskId, message) => (await sending('control', taskId)).pause(signed(message)),
    resume: async (taskId, message) => (await sending('control', taskId)).resume(signed(message)),
    budget: async (taskId, message) => (await sending('control', taskId)).budget(signed(message)),
    cancel: async (taskId, message) => (await sending('control', taskId)).cancel(signed(message)),
    inbox: async (filter) => {
      needing('read');
      return waymark.inbox.list(filter);
    },
    request: async (taskId, requestId) => {
      needing('read');
      return waymark.inbox.open(`${task(taskId).taskId}/${requestId}`);
    },
    link: async (taskId, requestId, options) => {
      needing('answer');
      needing('act-for');
      return waymark.inbox.link(`${task(taskId).taskId}/${requestId}`, options);
    },
    search: async ({ text, scopes, kinds, limit }) => {
      needing('memories');
      if (!memories) throw new Problem('not-found', 'Memories cannot be searched through this service.');
      return memories.recall(caller.tenant, {
        text,
        scopes: scopes ?? everywhere,
        reader: { name: caller.actor.id },
        ...(kinds === undefined ? {} : { kinds }),
        ...(limit === undefined ? {} : { limit }),
      });
    },
  };
}

/** @throws Problem naming the right */
export function needRight({ rights }: Caller, right: Right): void {
  if (rights.includes(right)) return;
  throw new Problem('forbidden', `This key may not ${rightWords[right]}: it lacks the right "${right}".`);
}

/** Who signs: the caller itself, or where it may speak for others, whom it names. @throws Problem */
function signerOf(caller: Caller, by: Actor | undefined): Actor {
  if (by === undefined || isSelf(caller, by)) return caller.actor;
  needRight(caller, 'act-for');
  return by;
}

/** Who answers, and in which roles: the caller in its own, or whom it may speak for. @throws Problem */
function answererOf(caller: Caller, { by, roles }: Partial<Acting>): Acting {
  if (roles !== undefined) needRight(caller, 'act-for');
  const own = by === undefined || isSelf(caller, by) ? caller.roles : undefined;
  const acted = roles ?? own;
  return { by: signerOf(caller, by), ...(acted === undefined ? {} : { roles: acted }) };
}

function isSelf({ actor }: Caller, by: Actor): boolean {
  return by.kind === actor.kind && by.id === actor.id;
}

function agentNamed(agents: readonly Agent[], name: string): Agent {
  const found = agents.find((agent) => agent.name === name);
  if (found) return found;
  const known = agents.map((agent) => agent.name).join(', ') || 'none';
  throw new Problem('invalid-input', `There is no agent "${name}". There are: ${known}.`);
}

async function viewOf(task: TaskHandle): Promise<TaskView> {
  try {
    return { source: 'worker', task: await task.progress() };
  } catch (error) {
    if (!(error instanceof WaymarkError) || error.code !== 'NoWorker') throw error;
    return { source: 'temporal', task: await task.summary() };
  }
}

async function endingOf(
  task: TaskHandle,
  { waitMs, stopping }: { readonly waitMs: number; readonly stopping: AbortSignal },
): Promise<TaskEnding> {
  const { taskId } = task;
  const open: TaskEnding = { taskId, status: 'open' };
  if (waitMs === 0 && (await task.summary()).closedAt === undefined) return open;
  const settled = new AbortController();
  const signal = AbortSignal.any([settled.signal, stopping]);
  const outOfPatience = delay(waitMs || LONGEST_LOOK_MS, open, { signal, ref: false }).catch(() => open);
  try {
    return await Promise.race([settledEnding(task, settled.signal), outOfPatience]);
  } finally {
    settled.abort();
  }
}

async function settledEnding(task: TaskHandle, signal: AbortSignal): Promise<TaskEnding> {
  const { taskId } = task;
  try {
    const { status, result } = await task.result({ signal });
    return status === 'completed'
      ? { taskId, status, result }
      : { taskId, status, reason: typeof result === 'string' ? result : JSON.stringify(result) };
  } catch (error) {
    if (!(error instanceof WaymarkError)) throw error;
    if (error.code === 'TaskFailed') return { taskId, status: 'failed', reason: error.message };
    if (error.code === 'TaskCancelled') return { taskId, status: 'cancelled', reason: error.message };
    throw error;
  }
}
