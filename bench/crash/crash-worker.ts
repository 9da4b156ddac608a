/** A worker whose calls stand still at a point each, until they are released or it is killed. */
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import type { ClaimLedger } from '../../tools/index.ts';
import { createWorker } from '../../worker/index.ts';
import { quietSdk } from '../support/quiet-sdk.ts';
import { wordEmbedder } from '../support/word-embedder.ts';
import type { Point } from './cells.ts';
import { cellOf } from './cells.ts';
import { crashModel, createCrashAgent } from './crash-agent.ts';
import type { CrashNotice } from './crash-messages.ts';
import { crashOrderSchema, crashSettingsSchema } from './crash-messages.ts';

const settings = crashSettingsSchema.parse(JSON.parse(process.argv[2] ?? ''));
const { temporalAddress: address, namespace, redisUrl, serviceUrl, taskQueue, codePath } = settings;
process.once('disconnect', () => process.exit());
const tell = (notice: CrashNotice): void => void process.send?.(notice);

let holding = false;
let releases: (() => void)[] = [];
process.on('message', (message) => {
  holding = crashOrderSchema.parse(message) === 'hold';
  if (holding) return;
  for (const release of releases) release();
  releases = [];
});
const held = new Set<string>();

/** A task stands still once, at its own point. */
const hold = async (taskId: string, point: Point): Promise<void> => {
  if (!holding || held.has(taskId) || cellOf(taskId)?.point !== point) return;
  held.add(taskId);
  tell({ notice: 'held', taskId });
  await new Promise<void>((resolve) => releases.push(resolve));
};

const watched = (ledger: ClaimLedger): ClaimLedger => ({
  ...ledger,
  claim: async (request) => {
    const { taskId } = request.task;
    await hold(taskId, 'before the claim');
    const claim = await ledger.claim(request);
    await hold(taskId, 'after the claim');
    return claim;
  },
  settle: async (request) => {
    const { taskId } = request.task;
    await hold(taskId, 'before the settlement');
    const settled = await ledger.settle(request);
    await hold(taskId, 'after the settlement');
    return settled;
  },
});

/** What reads is not claimed: the stage's own ends take the place of the claim's. */
const watchStage: ActivityInterceptorsFactory = ({ info }) => ({
  inbound: {
    execute: async (input, next) => {
      const taskId = info.workflowExecution?.workflowId ?? '';
      if (info.activityType !== 'executeTool') return next(input);
      const reads = cellOf(taskId)?.tool === 'find_account';
      try {
        if (reads) await hold(taskId, 'before the claim');
        const result = await next(input);
        if (reads) await hold(taskId, 'after the settlement');
        return result;
      } finally {
        tell({ notice: 'ended', taskId });
      }
    },
  },
});

quietSdk();
const worker = await createWorker({
  temporal: { connection: { address }, namespace },
  redisUrl,
  taskQueue,
  agents: [createCrashAgent(serviceUrl, hold)],
  model: crashModel,
  embedder: wordEmbedder,
  claims: watched,
  worker: { workflowBundle: { codePath }, interceptors: { activity: [watchStage] } },
});
const running = worker.run();
tell({ notice: 'ready' });
await running;
