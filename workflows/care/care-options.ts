import type { ActivityOptions } from '@temporalio/workflow';

/**
 * How a step of care runs: Redis or a model that is away is waited for.
 * @param attempts default: for as long as it takes
 */
export function careOptions(summary: string, attempts?: number): ActivityOptions {
  return {
    startToCloseTimeout: '10 minutes',
    heartbeatTimeout: '10 seconds',
    retry: {
      initialInterval: '1 second',
      maximumInterval: '1 minute',
      ...(attempts === undefined ? {} : { maximumAttempts: attempts }),
    },
    summary,
  };
}
