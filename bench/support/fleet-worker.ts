/** A worker process that can be told to stand still and that tells its parent of every stage it begins. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { z } from 'zod';
import { createWorker } from '../../worker/index.ts';
import { createBenchAgent, createInstantModel } from './bench-agent.ts';
import type { Notice, Place } from './fleet-messages.ts';
import { fleetSettingsSchema, orderSchema } from './fleet-messages.ts';
import { quietSdk } from './quiet-sdk.ts';
import { wordEmbedder } from './word-embedder.ts';

const TEMPORAL_DEFAULTS = {
  stickyQueueScheduleToStartTimeout: '10 seconds',
  maxHeartbeatThrottleInterval: '60 seconds',
  defaultHeartbeatThrottleInterval: '30 seconds',
} as const;

const settings = fleetSettingsSchema.parse(JSON.parse(process.argv[2] ?? ''));
process.once('disconnect', () => process.exit());
const tell = (notice: Notice): void => void process.send?.(notice);

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

let held: Place | undefined;
let releases: (() => void)[] = [];
const stop = async (place: Place): Promise<void> => {
  if (held !== place) return;
  tell({ notice: 'held', place });
  await new Promise<void>((resolve) => releases.push(resolve));
};

process.on('message', (message) => {
  const given = orderSchema.parse(message);
  if (given.order === 'block') {
    const until = Date.now() + given.ms;
    while (Date.now() < until);
    tell({ notice: 'unblocked' });
    return;
  }
  if (given.order === 'measure') {
    collectGarbage();
    tell({ notice: 'memory', megabytes: process.memoryUsage().rss / 2 ** 20 });
    return;
  }
  held = given.order === 'hold' ? given.place : undefined;
  for (const release of releases) release();
  releases = [];
});

const waitingSchema = z.object({ status: z.object({ kind: z.literal('waiting') }) });

const noticeStages: ActivityInterceptorsFactory = ({ info }) => ({
  inbound: {
    execute: (input, next) => {
      const taskId = info.workflowExecution?.workflowId ?? '';
      if (info.activityType === 'projectTask' && waitingSchema.safeParse(input.args[0]).success) {
        tell({ notice: 'waits', taskId });
      }
      tell({ notice: 'stage', stage: info.activityType, taskId, at: Date.now() });
      return next(input);
    },
  },
});

quietSdk();
const { temporalAddress: address, namespace, redisUrl, taskQueue, codePath, temporalDefaults } = settings;
const worker = await createWorker({
  temporal: { connection: { address }, namespace },
  redisUrl,
  taskQueue,
  agents: [createBenchAgent(() => stop('tool'))],
  model: createInstantModel(() => stop('model')),
  embedder: {
    ...wordEmbedder,
    embed: async (texts) => {
      await stop('embedder');
      return wordEmbedder.embed(texts);
    },
  },
  worker: {
    workflowBundle: { codePath },
    interceptors: { activity: [noticeStages] },
    ...(temporalDefaults ? TEMPORAL_DEFAULTS : {}),
  },
});
const running = worker.run();
tell({ notice: 'ready' });
await running;
