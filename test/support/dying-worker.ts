import { NativeConnection, Worker } from '@temporalio/worker';
import { resolveMemoryPolicy } from '../../contracts/memory-policy.ts';
import type { FakeAnswer } from './fake-stages.ts';
import { createFakeStages } from './fake-stages.ts';
import { quietRuntime, testBundle } from './workflow-world.ts';

/*
 * A worker over fake stages in a process of its own, to be killed: `dying-worker.ts ADDRESS TASK_QUEUE STAGE
 * STAGE_QUEUE ANSWERS`. That stage of its tasks runs on a task queue of its own, where nobody works yet; its model gives
 * these answers.
 */

quietRuntime();
const [, , address = '', taskQueue = '', stage = '', stageQueue = '', answers = '[]'] = process.argv;
const model: FakeAnswer[] = JSON.parse(answers);
const { stages } = createFakeStages({
  model,
  tools: { look: async () => 'seen' },
  policy: { stages: { [stage]: { taskQueue: stageQueue } } },
  description: { memory: resolveMemoryPolicy({ extraction: { when: 'messages' } }) },
});
const worker = await Worker.create({
  connection: await NativeConnection.connect({ address }),
  taskQueue,
  workflowBundle: await testBundle(),
  activities: { ...stages },
  // For so long the server keeps what comes for the dead worker.
  stickyQueueScheduleToStartTimeout: '1s',
  workflowThreadPoolSize: 1,
});
await worker.run();
