import type { Client } from '@temporalio/client';
import { WorkflowFailedError, WorkflowNotFoundError } from '@temporalio/client';
import { ApplicationFailure, TimeoutFailure } from '@temporalio/common';
import { FailureType } from '../contracts/failures.ts';
import type { TaskRef } from '../contracts/ids.ts';
import type { Actor } from '../contracts/transcript.ts';
import type { UndoDecision, UndoInput, UndoReport } from '../contracts/undo.ts';
import { undoIdOf } from '../contracts/undo.ts';
import { decideUpdate, undoQuery, undoTask } from '../workflows/undo-task.ts';
import { WaymarkError } from './errors.ts';

export interface UndoOptions {
  /** Ids of the calls. Default: all that surely happened and were not tried in vain, the newest first. */
  readonly calls?: readonly string[];
  /** Also says yes where undoing a call needs a yes of its own. Default false: those wait for `decideUndo`. */
  readonly approve?: boolean;
  readonly by?: Actor;
}

/** What an ended task did, and its undoing. Both need a worker, and the task's history in Temporal. */
export interface TaskUndo {
  /** What can be undone, the newest first. @throws WaymarkError `Refused` while the task is open, `NoWorker` */
  undoable(): Promise<UndoReport>;
  /**
   * Undoes, durably, and waits for the end of it; one that is already under way is joined. It stops at the first call
   * that cannot be undone. What is left can be asked for again.
   * @throws WaymarkError `Refused` while the task is open, or for a call that is none of it
   */
  undo(options?: UndoOptions): Promise<UndoReport>;
  /** Says yes or no to undoing a call that waits for it. @throws WaymarkError `Refused` where none waits */
  decideUndo(decision: Omit<UndoDecision, 'by'> & { readonly by?: Actor }): Promise<void>;
  /** How an undoing that is under way, or the last one, stands. */
  undoProgress(): Promise<UndoReport>;
}

interface UndoDependencies {
  readonly temporal: Client;
  readonly actor: Actor;
  readonly answerWithinMs: number;
}

/** A look is short; nobody having come by then means that nobody is there. */
const LOOK_FACTOR = 4;

export function createTaskUndo({ temporal, actor, answerWithinMs }: UndoDependencies, task: TaskRef): TaskUndo {
  const { taskId } = task;
  const undoId = undoIdOf(taskId);
  const start = async (workflowId: string, given: Omit<UndoInput, 'task' | 'after'>, runMs?: number) => {
    const { taskQueue, status } = await temporal.workflow.getHandle(taskId).describe();
    if (status.name === 'RUNNING') {
      throw new WaymarkError('Refused', `Task ${taskId} has not ended. Cancel it first; then it can be undone.`);
    }
    const after = await lastRun(temporal, undoId);
    return temporal.workflow.start(undoTask, {
      taskQueue,
      workflowId,
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      workflowIdConflictPolicy: 'USE_EXISTING',
      args: [{ task, ...given, ...(after === undefined ? {} : { after }) }],
      staticSummary: given.which === 'look' ? `what ${taskId} did` : `undo ${taskId}, for ${given.by.id}`,
      ...(runMs === undefined ? {} : { workflowRunTimeout: runMs }),
    });
  };
  const ended = async (work: Promise<UndoReport>): Promise<UndoReport> =>
    work.catch((error: unknown) => {
      throw endingOf(error, taskId);
    });
  return {
    undoable: async () => {
      const look = { which: 'look', by: actor, approve: false } as const;
      return ended((await start(`${undoId}able`, look, answerWithinMs * LOOK_FACTOR)).result());
    },
    undo: async ({ calls, approve = false, by = actor } = {}) =>
      ended((await start(undoId, { which: calls ?? 'all', by, approve })).result()),
    decideUndo: async (decision) =>
      temporal.workflow.getHandle(undoId).executeUpdate(decideUpdate, { args: [{ by: actor, ...decision }] }),
    undoProgress: () => temporal.workflow.getHandle(undoId).query(undoQuery),
  };
}

/** The run that undid something of the task last, if there is one. */
async function lastRun(temporal: Client, undoId: string): Promise<string | undefined> {
  try {
    return (await temporal.workflow.getHandle(undoId).describe()).runId;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

function endingOf(error: unknown, taskId: string): unknown {
  if (!(error instanceof WorkflowFailedError)) return error;
  const { cause } = error;
  if (cause instanceof TimeoutFailure) {
    const message = `No worker looked at what ${taskId} did. Start one with \`waymark worker\`.`;
    return new WaymarkError('NoWorker', message, { cause: error });
  }
  if (cause instanceof ApplicationFailure && cause.type === FailureType.Refused) {
    return new WaymarkError('Refused', cause.message, { cause: error });
  }
  const message = `The undoing of ${taskId} ended early: ${cause?.message ?? error.message}. Ask for it again.`;
  return new WaymarkError('TaskFailed', message, { cause: error });
}
