import type { Client } from '@temporalio/client';
import { WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/client';
import type { ModelMoveInput, ModelMoveState } from '../contracts/model-move.ts';
import { modelMoveId } from '../contracts/model-move.ts';
import type { Actor } from '../contracts/transcript.ts';
import { finishUpdate, moveQuery, retryUpdate, rollBackUpdate } from '../workflows/care/move-messages.ts';
import type { memoryModelMove } from '../workflows/care/memory-model-move.ts';
import { WaymarkError } from './errors.ts';
import { asWaymarkError } from './temporal-errors.ts';

/** Moving one tenant's memories to another embedding model. */
export interface ModelMoveHandle {
  readonly workflowId: string;
  /** @throws WaymarkError `Refused` where a move is under way already, `Unreachable` */
  start(move: Omit<ModelMoveInput, 'tenant'>): Promise<void>;
  /** Where the newest move stands; `undefined` where there never was one. */
  state(): Promise<ModelMoveState | undefined>;
  /** @throws WaymarkError `Refused` where that makes no sense now, `TaskNotFound` where no move is under way */
  rollBack(by: Actor): Promise<void>;
  finish(by: Actor): Promise<void>;
  retry(by: Actor): Promise<void>;
  /** Resolves when it has ended. @throws WaymarkError `TaskFailed` with the reason */
  ended(): Promise<void>;
}

export function createModelMoveHandle(options: {
  readonly temporal: Client;
  readonly address: string;
  readonly tenant: string;
  readonly taskQueue: string;
}): ModelMoveHandle {
  const { temporal, address, tenant, taskQueue } = options;
  const workflowId = modelMoveId(tenant);
  const handle = () => temporal.workflow.getHandle<typeof memoryModelMove>(workflowId);
  const asking = async <Result>(ask: () => Promise<Result>): Promise<Result> => {
    try {
      return await ask();
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) {
        const message = `The memories of tenant "${tenant}" are not being moved. Start it with \`waymark memory reindex --to MODEL\`.`;
        throw new WaymarkError('TaskNotFound', message, { cause: error });
      }
      throw asWaymarkError(error, { taskId: workflowId, address });
    }
  };
  return {
    workflowId,
    start: ({ to, by, keepDays }) =>
      asking(async () => {
        try {
          await temporal.workflow.start<typeof memoryModelMove>('memoryModelMove', {
            workflowId,
            taskQueue,
            args: [{ tenant, to, by, ...(keepDays === undefined ? {} : { keepDays }) }],
            staticSummary: `Move the memories of ${tenant} to ${to}`,
            staticDetails: `Started by ${by.id}. Tasks go on meanwhile; it can be rolled back until the former vectors are dropped.`,
          });
        } catch (error) {
          if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
          const message = `The memories of tenant "${tenant}" are being moved already; \`waymark memory reindex --status\` tells how far.`;
          throw new WaymarkError('Refused', message, { cause: error });
        }
      }),
    state: () =>
      asking(async () => {
        try {
          return await handle().query(moveQuery);
        } catch (error) {
          if (error instanceof WorkflowNotFoundError) return undefined;
          throw error;
        }
      }),
    rollBack: (by) => asking(() => handle().executeUpdate(rollBackUpdate, { args: [{ by }] })),
    finish: (by) => asking(() => handle().executeUpdate(finishUpdate, { args: [{ by }] })),
    retry: (by) => asking(() => handle().executeUpdate(retryUpdate, { args: [{ by }] })),
    ended: () => asking(async () => void (await handle().result())),
  };
}
