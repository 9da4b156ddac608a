import type { TaskRef } from '../../contracts/ids.ts';
import type { StageDependencies } from '../dependencies.ts';
import { createMaskedStream } from '../masking/masked-stream.ts';
import { now, publish } from '../transcript/publish.ts';

const GATHER_MS = 100;

/** Publishes what the model says while it speaks, masked, gathered into a few events a second. */
export interface DeltaPublisher {
  readonly add: (text: string) => void;
  end(): Promise<void>;
}

export function createDeltaPublisher(
  dependencies: StageDependencies,
  task: TaskRef,
  { turn, masked }: { readonly turn: number; readonly masked: (text: string) => string },
): DeltaPublisher {
  const stream = createMaskedStream(masked);
  let gathered = '';
  let sent: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  const send = (text: string): void => {
    if (text !== '')
      sent = sent.then(() => publish(dependencies, task, { type: 'model-delta', at: now(), turn, text }));
  };
  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    const added = gathered;
    gathered = '';
    send(stream.add(added));
  };
  return {
    add: (text) => {
      gathered += text;
      timer ??= setTimeout(flush, GATHER_MS);
    },
    end: async () => {
      flush();
      send(stream.end());
      await sent;
    },
  };
}
