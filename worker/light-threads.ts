import { basename, extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { WorkerOptions as ThreadOptions } from 'node:worker_threads';
import { Runtime } from '@temporalio/worker';
import { threadStart } from '../models/index.ts';
import type { StuckWorkflow } from './activation-watch.ts';
import { watchActivations } from './activation-watch.ts';
import { SPARED } from './workflow-thread-data.ts';
import type { WorkflowThreadData } from './workflow-thread-data.ts';

/** How long one activation may hold up its thread. */
const PATIENCE_MS = 10_000;

/** The SDK's file that a workflow thread runs. */
const SDK_ENTRY = 'workflow-worker-thread.js';

const threads = process.getBuiltinModule('node:worker_threads');

/** What the workflow threads of a worker have done without. */
export type Spared = Readonly<Record<keyof typeof SPARED, number>>;

export interface LightThreadsOptions {
  /** Milliseconds that one activation may take before its worker is ended. Default 10 seconds. */
  readonly patienceMs?: number;
}

/** A replacement of the thread class that is in force. */
export interface LightThreads {
  /** From now on threads are as Node makes them; those that run stay as they are. */
  release(): void;
  /** Counted from the start of the first thread. */
  spared(): Spared;
}

/**
 * Until it is released, workflow threads that the SDK starts run without its promise hooks and without Node's watchdogs.
 * There is no option for either in SDK 1.24, but it takes the class of its threads from Node's module at each start.
 * Threads of others are left alone. Without hooks the Temporal UI has no call stacks; errors keep theirs. In the place of the
 * watchdogs a thread that stands still for ten seconds of computing is ended, and its worker with it.
 */
export function lightThreads({ patienceMs = PATIENCE_MS }: LightThreadsOptions = {}): LightThreads {
  const counters = new Int32Array(new SharedArrayBuffer(Object.keys(SPARED).length * Int32Array.BYTES_PER_ELEMENT));
  const { Worker: given } = threads;
  let inForce = true;

  /** A class, because the SDK makes an instance of it. */
  class WorkflowThread extends given {
    readonly #watch;

    constructor(file: URL | string, options: ThreadOptions = {}) {
      const isWorkflow = inForce && basename(String(file)) === SDK_ENTRY;
      const data: WorkflowThreadData = { entry: String(file), spared: counters };
      super(...(isWorkflow ? threadStart(threadFile(), { ...options, workerData: data }) : ([file, options] as const)));
      if (!isWorkflow) return;
      const watch = watchActivations({ patienceMs, onStuck: (workflow) => this.#endFor(workflow) });
      this.#watch = watch;
      this.on('message', (message) => watch.answered(message));
      this.on('exit', () => watch.end());
    }

    override postMessage(...sent: Parameters<InstanceType<typeof given>['postMessage']>): void {
      this.#watch?.asked(sent[0]);
      super.postMessage(...sent);
    }

    #endFor({ workflowId, runId, seconds }: StuckWorkflow): void {
      Runtime.instance().logger.error(
        `Workflow ${workflowId} has held up its thread for ${seconds} s, and with it every task of this worker, which ends now. ` +
          'The same will happen to the worker that takes it over: terminate the workflow, or mend its code.',
        { workflowId, runId },
      );
      void this.terminate();
    }
  }

  Object.assign(threads, { Worker: WorkflowThread });
  return {
    release: () => {
      // Another one may have come on top of it, and stays.
      inForce = false;
      if (threads.Worker === WorkflowThread) Object.assign(threads, { Worker: given });
    },
    spared: () => ({
      stackHooks: counters[SPARED.stackHooks] ?? 0,
      entries: counters[SPARED.entries] ?? 0,
      timeouts: counters[SPARED.timeouts] ?? 0,
    }),
  };
}

/** The thread's file beside this one, `.ts` in development and `.js` when built. */
function threadFile(): URL {
  return new URL(`./workflow-thread${extname(fileURLToPath(import.meta.url))}`, import.meta.url);
}
