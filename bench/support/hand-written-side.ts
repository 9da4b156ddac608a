import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Worker } from '@temporalio/worker';
import type { Servers } from '../benchmark.ts';
import { loopActivities } from '../loops/loop-activities.ts';
import type { Side } from './side.ts';
import { createStageClock } from './stage-clock.ts';

const TASK_QUEUE = 'hand-written';

/** A worker of the hand-written loop, with the SDK's own settings, and a client of it. */
export async function openHandWritten({ temporalAddress: address, namespace }: Servers): Promise<Side> {
  const clock = createStageClock();
  const connection = await Connection.connect({ address });
  const native = await NativeConnection.connect({ address });
  const { code } = await bundleWorkflowCode({
    workflowsPath: fileURLToPath(import.meta.resolve('../loops/hand-written-loop.ts')),
    logger: new DefaultLogger('WARN'),
  });
  const worker = await Worker.create({
    connection: native,
    namespace,
    taskQueue: TASK_QUEUE,
    activities: { ...loopActivities },
    workflowBundle: { code },
    interceptors: { activity: [clock.interceptor] },
  });
  const running = worker.run();
  const client = new Client({ connection, namespace });
  return {
    name: 'hand-written',
    modelStage: 'callModel',
    clock,
    client,
    runTask: async ({ key, turns, resultBytes }) => {
      const workflowId = `hand-written:${key}`;
      const options = { taskQueue: TASK_QUEUE, workflowId, args: [{ turns, resultBytes }] };
      await client.workflow.execute('handWrittenLoop', options);
      return workflowId;
    },
    close: async () => {
      worker.shutdown();
      await running;
      await native.close();
      await connection.close();
    },
  };
}
