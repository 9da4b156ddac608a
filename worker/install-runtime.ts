import { Runtime } from '@temporalio/worker';
import { metrics } from '../contracts/metrics.ts';
import type { Config } from './config.ts';
import { ConfigError } from './config.ts';
import { createLogger } from './logger.ts';

/** Bounds of the buckets of our times, in milliseconds. */
const TIME_BUCKETS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 30_000];

/**
 * Sets up the SDK's runtime: every line of the SDK, the workflows and the stages is one JSON line on stderr, and where
 * an address is given, its numbers and ours are served there for Prometheus. Once a process; it must come before
 * anything else of the SDK.
 * @throws ConfigError where the address cannot be had
 */
export function installRuntime({ logLevel, metrics: address }: Pick<Config, 'logLevel' | 'metrics'>): void {
  const logging = { forward: {}, filter: { core: 'WARN', other: 'WARN' } } as const;
  try {
    Runtime.install({
      logger: createLogger(logLevel),
      // Whoever runs the worker ends it; the SDK would do so a second time.
      shutdownSignals: [],
      telemetryOptions: { logging, ...(address === undefined ? {} : { metrics: prometheus(address) }) },
    });
  } catch (error) {
    if (address === undefined) throw error;
    throw new ConfigError(
      `Metrics cannot be served at ${address} (${error instanceof Error ? error.message : String(error)}). ` +
        'Set WAYMARK_METRICS to an address that is free: each worker process needs its own.',
    );
  }
}

function prometheus(bindAddress: string) {
  const times = Object.values(metrics).filter(({ kind }) => kind === 'histogram');
  const histogramBucketOverrides = Object.fromEntries(times.map(({ name }) => [name, TIME_BUCKETS]));
  return { prometheus: { bindAddress, countersTotalSuffix: true, histogramBucketOverrides } };
}
