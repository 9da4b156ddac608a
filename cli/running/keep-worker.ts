import { installRuntime } from '../../worker/index.ts';
import type { Config } from '../../worker/index.ts';
import { openConfiguredWorker } from './run-worker.ts';
import type { ConfiguredWorker } from './run-worker.ts';
import { openMonitor } from './monitor.ts';
import type { Monitor } from './monitor.ts';
import { offerCare } from './care-schedules.ts';
import { findSurroundings } from '../reaching/surroundings.ts';
import { untilStopped } from '../terminal/until-stopped.ts';

/** Where a worker's numbers are served, where they are. */
export function metricsFact({ metrics }: Pick<Config, 'metrics'>): { readonly metrics?: string } {
  return metrics === undefined ? {} : { metrics: `http://${metrics}/metrics` };
}

export interface KeepOptions {
  readonly env: NodeJS.ProcessEnv;
  /** Lines for people. */
  readonly say: (line: string) => void;
  /** Called once the worker polls. */
  readonly ready: (facts: Readonly<Record<string, unknown>>) => void;
}

/** Runs a worker against the configured Temporal and Redis until it is asked to stop. */
export async function keepWorker({ env, say, ready }: KeepOptions): Promise<void> {
  const surroundings = await findSurroundings(env);
  const { config } = surroundings;
  const monitor = await openRuntime(config);
  try {
    const worker = await openConfiguredWorker(surroundings, say);
    monitor?.watch(() => worker.unready());
    await runUntilStopped(worker, drainOf(config, say), () => {
      const { agents, model, embedder } = worker;
      ready({ taskQueue: config.taskQueue, agents, model, embedder, ...metricsFact(config), pid: process.pid });
      void offerCare(surroundings, say);
    });
  } finally {
    await monitor?.close();
  }
}

/** Sets up the SDK's runtime, and what a worker shows of itself where an address is given for that. */
export async function openRuntime({
  logLevel,
  metrics,
}: Pick<Config, 'logLevel' | 'metrics'>): Promise<Monitor | undefined> {
  const monitor = metrics === undefined ? undefined : await openMonitor(metrics);
  installRuntime({ logLevel, metrics: monitor?.numbersAt });
  return monitor;
}

/** Says what a worker does that was asked to stop. */
export function drainOf({ graceMs }: Pick<Config, 'graceMs'>, say: (line: string) => void): () => void {
  return () =>
    say(
      `Stopping: no new work; calls under way have ${graceMs / 1_000} s to end (WAYMARK_GRACE_SECONDS). ` +
        'Asked once more, it ends at once.',
    );
}

/** Runs a worker; returns when the process is asked to stop and the worker has drained. */
export async function runUntilStopped(
  worker: ConfiguredWorker,
  stopping: () => void,
  started: () => void,
): Promise<void> {
  const running = worker.run();
  started();
  const first = await Promise.race([
    untilStopped().then(() => 'stopped' as const),
    running.then(() => 'ended' as const),
  ]);
  if (first === 'stopped') {
    stopping();
    worker.shutdown();
  }
  await running;
}
