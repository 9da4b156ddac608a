import type { TaskRef } from '../contracts/ids.ts';
import type { StageDependencies } from './dependencies.ts';
import { now, publish } from './publish.ts';

const GATHER_MS = 100;

/** Publishes what the model says while it speaks, gathered into a few events a second. */
export interface DeltaPublisher {
  readonly add: (text: string) => void;
  end(): Promise<void>;
}

export function createDeltaPublisher(dependencies: StageDependencies, task: TaskRef, turn: number): DeltaPublisher {
  let gathered = '';
  let sent: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    const text = gathered;
    gathered = '';
    if (text !== '')
      sent = sent.then(() => publish(dependencies, task, { type: 'model-delta', at: now(), turn, text }));
  };
  return {
    add: (text) => {
      gathered += text;
      timer ??= setTimeout(flush, GATHER_MS);
    },
    end: async () => {
      flush();
      await sent;
    },
  };
}
