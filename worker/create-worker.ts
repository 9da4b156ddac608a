import { NativeConnection, Worker } from '@temporalio/worker';
import type { WorkerOptions } from '@temporalio/worker';
import { sayNoStandIn, startStandIn } from './heartbeats/stand-in.ts';
import { lightThreads } from './light-threads.ts';
import { logTurn } from './logger.ts';
import type { OpenStages, StageOptions } from './open-stages.ts';
import { openStages } from './open-stages.ts';
import {
  DEFAULT_GRACE_MS,
  HEARTBEAT_THROTTLE_MS,
  MOST_CACHED_TASKS,
  MOST_WORKFLOW_TASKS,
  STICKY_TIMEOUT_MS,
} from './worker-settings.ts';
import { workflowBundle } from './workflow-bundle.ts';

export interface WaymarkWorkerOptions extends StageOptions {
  readonly taskQueue: string;
  /** Folder that keeps the bundled workflows from one start to the next. Default: bundled at each start. */
  readonly cacheDir?: string;
  /** Whether the Temporal UI can show where a task's code stands; a turn then takes half as long again. Default false. */
  readonly callStacks?: boolean;
  /** Milliseconds that calls under way have to end after `shutdown`; then they are cancelled. Default 60,000. */
  readonly graceMs?: number;
  /** Anything else of the Temporal worker, e.g. concurrency, an identity, or a bundle made beforehand. */
  readonly worker?: Partial<WorkerOptions>;
}

export interface WaymarkWorker {
  readonly worker: Worker;
  /** Runs until `shutdown` and until the calls then under way have ended, then closes every connection. */
  run(): Promise<void>;
  shutdown(): void;
  /** Why this worker should be given no work now; nothing where it should. */
  unready(): Promise<string | undefined>;
}

/**
 * Builds a worker.
 * @throws WorkerSetupError when search attributes are missing, ApplicationFailure `MemoryUnavailable` without Redis
 */
export async function createWorker(options: WaymarkWorkerOptions): Promise<WaymarkWorker> {
  const { temporal, taskQueue } = options;
  const stages = await openStages(options);
  const closers: (() => Promise<void>)[] = [stages.close];
  try {
    const connection = await NativeConnection.connect(temporal.connection);
    closers.unshift(() => connection.close());
    const standIn = startStandIn(temporal, sayNoStandIn);
    closers.unshift(() => standIn.close());
    const threads = options.callStacks === true ? undefined : lightThreads();
    const worker = await Worker.create({
      connection,
      namespace: temporal.namespace,
      taskQueue,
      activities: { ...stages.activities },
      workflowBundle: options.worker?.workflowBundle ?? (await workflowBundle(options)),
      interceptors: { activity: [logTurn, standIn.interceptor] },
      stickyQueueScheduleToStartTimeout: STICKY_TIMEOUT_MS,
      maxHeartbeatThrottleInterval: HEARTBEAT_THROTTLE_MS,
      maxConcurrentWorkflowTaskExecutions: MOST_WORKFLOW_TASKS,
      maxCachedWorkflows: MOST_CACHED_TASKS,
      shutdownGraceTime: options.graceMs ?? DEFAULT_GRACE_MS,
      ...options.worker,
    }).finally(() => threads?.release());
    return {
      worker,
      run: () => runAndClose(worker, closers),
      shutdown: () => worker.shutdown(),
      unready: () => unready(worker, stages),
    };
  } catch (error) {
    await closeAll(closers);
    throw error;
  }
}

async function unready(worker: Worker, { ping }: OpenStages): Promise<string | undefined> {
  const state = worker.getState();
  if (state === 'INITIALIZED') return 'it is starting';
  if (state !== 'RUNNING') return `it is stopping (${state.toLowerCase()})`;
  return ping().then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
}

async function runAndClose(worker: Worker, closers: readonly (() => Promise<void>)[]): Promise<void> {
  try {
    await worker.run();
  } finally {
    await closeAll(closers);
  }
}

async function closeAll(closers: readonly (() => Promise<void>)[]): Promise<void> {
  for (const close of closers) await close().catch(() => undefined);
}
