import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { median, round } from './statistics.ts';

/** One execution of an activity. Times in milliseconds of this process's clock. */
interface Span {
  readonly stage: string;
  readonly taskId: string;
  readonly from: number;
  readonly to: number;
}

/** Notes when each activity of a worker begins and ends. */
export interface StageClock {
  readonly interceptor: ActivityInterceptorsFactory;
  /** Milliseconds from the beginning of each execution of a stage to the next one's of the same task. */
  gaps(stage: string): number[];
  /** Median milliseconds of each stage. */
  medians(): Record<string, number>;

  clear(): void;
}

export function createStageClock(): StageClock {
  let spans: Span[] = [];
  return {
    interceptor: ({ info }) => ({
      inbound: {
        execute: async (input, next) => {
          const from = performance.now();
          try {
            return await next(input);
          } finally {
            const taskId = info.workflowExecution?.workflowId ?? '';
            spans.push({ stage: info.activityType, taskId, from, to: performance.now() });
          }
        },
      },
    }),
    gaps: (stage) => {
      const ofStage = spans.filter((span) => span.stage === stage);
      const tasks = [...new Set(ofStage.map(({ taskId }) => taskId))];
      return tasks.flatMap((task) => gapsOf(ofStage.filter(({ taskId }) => taskId === task).map(({ from }) => from)));
    },
    medians: () => {
      const stages = [...new Set(spans.map(({ stage }) => stage))];
      const millisecondsOf = (name: string): number[] =>
        spans.filter(({ stage }) => stage === name).map(({ from, to }) => to - from);
      return Object.fromEntries(stages.map((stage) => [stage, round(median(millisecondsOf(stage)))]));
    },

    clear: () => {
      spans = [];
    },
  };
}

function gapsOf(times: readonly number[]): number[] {
  const sorted = times.toSorted((one, other) => one - other);
  return sorted.slice(1).map((time, at) => time - (sorted[at] ?? time));
}
