import { SimplePlugin } from '@temporalio/plugin';
import type { WorkerOptions } from '@temporalio/worker';
import { sayNoStandIn, startStandIn } from './heartbeats/stand-in.ts';
import { lightThreads } from './light-threads.ts';
import type { LightThreads } from './light-threads.ts';
import { logTurn } from './logger.ts';
import type { StageOptions } from './open-stages.ts';
import { openStages } from './open-stages.ts';
import { workflowsPath } from './workflow-bundle.ts';

export interface WaymarkPluginOptions extends StageOptions {
  /**
   * Whether the workflow threads of this worker do without the SDK's promise hooks and watchdogs, for all workflows in it:
   * a turn then takes two thirds of the time, and the Temporal UI shows no call stacks. Default false: the worker is yours.
   */
  readonly lightThreads?: boolean;
}

/**
 * Adds Waymark to a Temporal worker of one's own: `Worker.create({ plugins: [await openWaymarkPlugin(…)], … })`. The
 * connections it opens are closed when that worker has ended. A worker with workflows of its own re-exports Waymark's
 * beside them: `export { default, steppedTool, undoTask } from 'waymark/workflows'`.
 * @throws WorkerSetupError when search attributes are missing, ApplicationFailure `MemoryUnavailable` without Redis
 */
export async function openWaymarkPlugin(options: WaymarkPluginOptions): Promise<SimplePlugin> {
  const { activities, close } = await openStages(options);
  const standIn = startStandIn(options.temporal, sayNoStandIn);
  const light = options.lightThreads === true;
  return new (light ? LightPlugin : SimplePlugin)({
    name: 'waymark',
    activities: { ...activities },
    workflowsPath: (given) => given ?? workflowsPath(),
    workerInterceptors: { activity: [logTurn, standIn.interceptor] },
    runContext: async (next) => {
      try {
        await next();
      } finally {
        await standIn.close();
        await close();
      }
    },
  });
}

/** Temporal asks a plugin for the worker's options before it starts the worker's threads, and runs it afterwards. */
class LightPlugin extends SimplePlugin {
  #threads: LightThreads | undefined;

  override configureWorker(options: WorkerOptions): WorkerOptions {
    this.#threads = lightThreads();
    return super.configureWorker(options);
  }

  override async runWorker(...[worker, next]: Parameters<SimplePlugin['runWorker']>): Promise<void> {
    this.#threads?.release();
    return super.runWorker(worker, next);
  }
}
