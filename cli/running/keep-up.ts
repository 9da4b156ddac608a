import { offerCare } from './care-schedules.ts';
import { openHome } from './home.ts';
import type { Home } from './home.ts';
import { openConfiguredWorker } from './run-worker.ts';
import type { Monitor } from './monitor.ts';
import type { KeepOptions } from './keep-worker.ts';
import { drainOf, metricsFact, openRuntime, runUntilStopped } from './keep-worker.ts';

/** Starts what is not already there, and a worker, and stays until it is asked to stop. */
export async function keepUp({ env, say, ready }: KeepOptions): Promise<void> {
  const home = await openHome({ env, say, examplesFolder: 'examples' });
  let monitor: Monitor | undefined;
  try {
    const { logLevel, metrics } = home.config;
    monitor = await openRuntime({ logLevel: env['WAYMARK_LOG'] === undefined ? 'warn' : logLevel, metrics });
    const { temporal, redis } = home.stack;
    const worker = await openConfiguredWorker({ config: home.config, temporal, redisUrl: redis.url }, say);
    monitor?.watch(() => worker.unready());
    void offerCare({ config: home.config, temporal }, say);
    await runUntilStopped(worker, drainOf(home.config, say), () => ready(factsOf(home, worker)));
  } finally {
    await monitor?.close();
    await home.close();
  }
}

function factsOf(
  { stack, scripted, config }: Home,
  worker: { agents: readonly string[]; model: string; embedder: string },
) {
  const { temporal, redis } = stack;
  return {
    temporal: temporal.address,
    namespace: temporal.namespace,
    ui: temporal.uiUrl ?? null,
    redis: redis.url,
    taskQueue: config.taskQueue,
    agents: worker.agents,
    model: scripted ? 'scripted (no model is configured)' : worker.model,
    embedder: worker.embedder,
    ...metricsFact(config),
    pid: process.pid,
  };
}
