import type { Client } from '@temporalio/client';
import type { StageClock } from './stage-clock.ts';

/** A task of a benchmark. */
export interface TaskOrder {
  readonly key: string;
  readonly turns: number;
  readonly resultBytes: number;
}

/** One of the contenders: a running worker and a way to give it tasks. */
export interface Side {
  readonly name: string;
  /** The activity that calls the model; one a turn. */
  readonly modelStage: string;
  readonly clock: StageClock;
  readonly client: Client;
  /** Runs a task to its end and answers with its workflow id. */
  runTask(order: TaskOrder): Promise<string>;
  close(): Promise<void>;
}
