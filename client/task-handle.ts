import { randomUUID } from 'node:crypto';
import type { Client, WorkflowHandle } from '@temporalio/client';
import {
  isGrpcCancelledError,
  isGrpcDeadlineError,
  QueryNotRegisteredError,
  WorkflowNotFoundError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
  WorkflowUpdateStage,
} from '@temporalio/client';
import type { WatchedEvent } from '../contracts/events.ts';
import type { MessageReceipt, TaskMessageName, TaskMessages } from '../contracts/messages.ts';
import type { EventLog } from '../contracts/projection.ts';
import type { Json, JsonObject } from '../contracts/json.ts';
import type { AgentTaskResult, TaskProgress } from '../contracts/task.ts';
import type { Actor } from '../contracts/transcript.ts';
import { progressQuery, signalOf, updateOf } from '../workflows/messages.ts';
import { WaymarkError } from './errors.ts';
import type { SharedAnswers } from './shared-answers.ts';
import type { TaskSummary } from './task-list.ts';
import { summaryOf } from './task-list.ts';
import { asSentence } from '../contracts/sentence.ts';
import type { ResultOptions } from './await-result.ts';
import { awaitResult } from './await-result.ts';
import { asWaymarkError, grpcErrorOf } from './temporal-errors.ts';
import type { TaskUndo } from './task-undo.ts';
import { createTaskUndo } from './task-undo.ts';
import { watchEvents } from './watch-events.ts';

/** A message without its signature: the handle adds an id and the actor. Give `id` to make a retry count once. */
export type Unsigned<Name extends TaskMessageName> = Omit<TaskMessages[Name], 'id' | 'by'> & {
  readonly id?: string;
  readonly by?: Actor;
};

/** An answer as a text, or as a value. */
export type UnsignedAnswer = Omit<Unsigned<'answer'>, 'text'> &
  ({ readonly text: string; readonly value?: undefined } | { readonly text?: undefined; readonly value: Json });

export type UnsignedApproval = Omit<Unsigned<'approve'>, 'arguments'> & { readonly arguments?: string | JsonObject };

function textOf(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** How a message was delivered: answered by the task, or left for it as a signal because no worker was up. */
export type Delivery =
  ({ readonly delivered: 'update' } & MessageReceipt) | { readonly delivered: 'signal'; readonly note: string };

/** A result typed by the agent's output. */
export interface TaskResult<Output> extends Omit<AgentTaskResult, 'result'> {
  readonly result: Output;
}

/** One task, from outside. */
export interface TaskHandle<Output = unknown> extends TaskUndo {
  readonly taskId: string;
  /** Present state, asked of the workflow. @throws WaymarkError `NoWorker` when none answers */
  progress(): Promise<TaskProgress>;
  /** What Temporal itself knows of the task; needs no worker. */
  summary(): Promise<TaskSummary>;
  /**
   * Waits for the end: at most `waitMs`, where it is given, and until the signal aborts.
   * @throws WaymarkError `TaskFailed`, `TaskCancelled`; `StillOpen` after `waitMs`, `Aborted` by the signal
   */
  result(options?: ResultOptions): Promise<TaskResult<Output>>;
  send(message: Unsigned<'send'>): Promise<Delivery>;
  /**
   * Answers a question, with a text or with the value that its schema asks for.
   * @throws WaymarkError `Refused`; its `refusal` tells a late answer from one that does not fit
   */
  answer(message: UnsignedAnswer): Promise<Delivery>;
  /** Allows a call, perhaps with other arguments: JSON, or the object. */
  approve(message: UnsignedApproval): Promise<Delivery>;
  reject(message: Unsigned<'reject'>): Promise<Delivery>;
  /** Hands a question or an approval on to somebody else. */
  delegate(message: Unsigned<'delegate'>): Promise<Delivery>;
  /** Sets which calls need approval from now on; what waits is looked at again. */
  approvals(message: Unsigned<'approvals'>): Promise<Delivery>;
  pause(message: Unsigned<'pause'>): Promise<Delivery>;
  resume(message?: Unsigned<'resume'>): Promise<Delivery>;
  /** Raises budgets; a task that is blocked for want of one goes on. */
  budget(message: Unsigned<'budget'>): Promise<Delivery>;
  cancel(message: Unsigned<'cancel'>): Promise<Delivery>;
  /**
   * Events as they happen, from the beginning or after an offset, until the task has ended or the signal aborts. The
   * newest two thousand are kept, for a week after the last; where some that the reader has not seen are gone, it gets a
   * `gap` and a `snapshot` and goes on. Of a task that ended longer ago there are none.
   * @throws WaymarkError `TaskNotFound`, `Unreachable`, `InvalidInput` for what is no offset
   */
  events(options?: { readonly from?: string; readonly signal?: AbortSignal }): AsyncGenerator<WatchedEvent>;
}

export interface HandleDependencies {
  readonly temporal: Client;
  readonly address: string;
  readonly tenant: string;
  readonly events: EventLog;
  /** Answers that all who watch a task share. */
  readonly shared: SharedAnswers;
  /** Who acts where a message names nobody. */
  readonly actor: Actor;
  /** What else it answers requests as. */
  readonly roles: readonly string[];
  /** How long an update may stay unanswered before it is left as a signal, in milliseconds. */
  readonly answerWithinMs: number;
}

export function createTaskHandle<Output>(dependencies: HandleDependencies, taskId: string): TaskHandle<Output> {
  const { temporal, address } = dependencies;
  const workflow = temporal.workflow.getHandle(taskId);
  const about = { taskId, address };
  const guarded = async <Result>(action: () => Promise<Result>): Promise<Result> => {
    try {
      return await action();
    } catch (error) {
      throw asWaymarkError(error, about);
    }
  };
  const deliver = <Name extends TaskMessageName>(name: Name, message: Unsigned<Name>): Promise<Delivery> =>
    guarded(async () => {
      try {
        return await deliverMessage(dependencies, workflow, name, message);
      } catch (error) {
        if (!(error instanceof WorkflowNotFoundError)) throw error;
        // Temporal says the same of a task that is closed and of one that never was.
        const { status } = summaryOf(await workflow.describe());
        throw new WaymarkError('Refused', `Task ${taskId} is ${status}; it takes no more messages.`, { cause: error });
      }
    });
  const task = { tenant: dependencies.tenant, taskId };
  const undoing = createTaskUndo(dependencies, task);
  return {
    taskId,
    undoable: () => guarded(() => undoing.undoable()),
    undo: (options) => guarded(() => undoing.undo(options)),
    decideUndo: (decision) => guarded(() => undoing.decideUndo(decision)),
    undoProgress: () => guarded(() => undoing.undoProgress()),
    progress: () => guarded(() => queryProgress(dependencies, workflow, taskId)),
    summary: () => guarded(async () => summaryOf(await workflow.describe())),
    result: (options = {}) =>
      guarded((): Promise<TaskResult<Output>> => awaitResult(temporal, { workflow, taskId }, options)),
    send: (message) => deliver('send', message),
    answer: ({ value, text, ...message }) => deliver('answer', { ...message, text: text ?? textOf(value) }),
    approve: ({ arguments: given, ...message }) =>
      deliver('approve', given === undefined ? message : { ...message, arguments: textOf(given) }),
    reject: (message) => deliver('reject', message),
    delegate: (message) => deliver('delegate', message),
    approvals: (message) => deliver('approvals', message),
    pause: (message) => deliver('pause', message),
    resume: (message = {}) => deliver('resume', message),
    budget: (message) => deliver('budget', message),
    cancel: (message) => deliver('cancel', message),
    events: (options = {}) =>
      watchEvents(
        {
          log: dependencies.events,
          task,
          isClosed: () =>
            dependencies.shared.ask(`is ${taskId} closed`, () =>
              guarded(async () => (await workflow.describe()).status.name !== 'RUNNING'),
            ),
          progress: () =>
            dependencies.shared.ask(`progress of ${taskId}`, () =>
              guarded(() => queryProgress(dependencies, workflow, taskId)),
            ),
        },
        options,
      ),
  };
}

async function queryProgress(
  { temporal, answerWithinMs }: HandleDependencies,
  workflow: WorkflowHandle,
  taskId: string,
): Promise<TaskProgress> {
  try {
    return await temporal.withDeadline(Date.now() + answerWithinMs, () => workflow.query(progressQuery));
  } catch (error) {
    throw await unanswered(error, workflow, taskId);
  }
}

/** Why a task does not tell how it stands; other errors are given back as they are. */
async function unanswered(error: unknown, workflow: WorkflowHandle, taskId: string): Promise<unknown> {
  const refusal = grpcErrorOf(error);
  const unpolled = refusal?.code === FAILED_PRECONDITION && refusal.details.includes('no poller');
  if (error instanceof QueryNotRegisteredError || (refusal?.code === FAILED_PRECONDITION && !unpolled)) {
    const why = error instanceof QueryNotRegisteredError ? error.message : (refusal?.details ?? '');
    const message = `The worker cannot tell how task ${taskId} stands, for its code fails: ${asSentence(why)} Deploy code that fits.`;
    return new WaymarkError('NoWorker', message, { cause: error });
  }
  if (!unpolled && !isTimeout(error)) return error;
  const message = `No worker answers for task ${taskId}${await queueWords(workflow)}. Start one with \`waymark worker\`.`;
  return new WaymarkError('NoWorker', message, { cause: error });
}

/** On which task queue somebody would have to work. */
async function queueWords(workflow: WorkflowHandle): Promise<string> {
  try {
    const { taskQueue } = await workflow.client.withDeadline(Date.now() + DESCRIBE_MS, () => workflow.describe());
    return taskQueue === '' ? '' : ` on task queue "${taskQueue}"`;
  } catch {
    return '';
  }
}

/** As an update; and where nobody answers it in time, as a signal with the same id, so that it counts once. */
async function deliverMessage<Name extends TaskMessageName>(
  { temporal, actor, roles, answerWithinMs }: HandleDependencies,
  workflow: WorkflowHandle,
  name: Name,
  message: Unsigned<Name>,
): Promise<Delivery> {
  const inRoles = message.by === undefined && answersARequest(name) && roles.length > 0 ? { roles } : {};
  // The type system cannot see through a generic `Omit` that this is whole again.
  const signed = { by: actor, ...inRoles, id: randomUUID(), ...message } as unknown as TaskMessages[Name];
  try {
    const update = await temporal.withDeadline(Date.now() + answerWithinMs, () =>
      workflow.startUpdate(updateOf(name), {
        args: [signed],
        updateId: signed.id,
        waitForStage: WorkflowUpdateStage.ACCEPTED,
      }),
    );
    return { delivered: 'update', ...(await update.result()) };
  } catch (error) {
    if (!isTimeout(error)) throw error;
    await workflow.signal(signalOf(name), signed);
    return {
      delivered: 'signal',
      note: 'No worker answered; the message is left for the task as a signal and takes effect when a worker is up.',
    };
  }
}

/** Is it a message whose sender must be the one who is asked? */
function answersARequest(name: TaskMessageName): boolean {
  return ['answer', 'approve', 'reject', 'delegate'].includes(name);
}

const FAILED_PRECONDITION = 9;

/** How long one looks for the name of a queue. */
const DESCRIBE_MS = 2_000;

function isTimeout(error: unknown): boolean {
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) return true;
  return isGrpcDeadlineError(error) || isGrpcCancelledError(error);
}
