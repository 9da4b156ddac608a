import { SimplePlugin } from '@temporalio/plugin';
import { logTurn } from './logger.ts';
import type { StageOptions } from './open-stages.ts';
import { openStages } from './open-stages.ts';
import { workflowsPath } from './workflow-bundle.ts';

/**
 * Adds Waymark to a Temporal worker of one's own: `Worker.create({ plugins: [await openWaymarkPlugin(…)], … })`. The
 * connections it opens are closed when that worker has ended. A worker with workflows of its own re-exports Waymark's
 * beside them: `export { default, steppedTool, undoTask } from 'waymark/workflows'`.
 * @throws WorkerSetupError when search attributes are missing, ApplicationFailure `MemoryUnavailable` without Redis
 */
export async function openWaymarkPlugin(options: StageOptions): Promise<SimplePlugin> {
  const { activities, close } = await openStages(options);
  return new SimplePlugin({
    name: 'waymark',
    activities: { ...activities },
    workflowsPath: (given) => given ?? workflowsPath(),
    workerInterceptors: { activity: [logTurn] },
    runContext: async (next) => {
      try {
        await next();
      } finally {
        await close();
      }
    },
  });
}
