import type { AnswerAssembly } from './answer-assembly.ts';

/** How a model begins its answers: in what it says, or in a thought that has no mark at its beginning. */
export type Beginning = 'said' | 'thought';

/** Tells what is said while it is said. */
export interface SaidAloud {
  add(text: string): void;
  end(): void;
}

/**
 * Some models begin in a thought of which only the end is marked, so that nobody can know it for one until then. Until a
 * model has answered once, and of a model that begins so, nothing is told before it is known to be no thought.
 */
export function sayAloud(options: {
  readonly assembly: AnswerAssembly;
  readonly beginning: Beginning | undefined;
  readonly onDelta: ((text: string) => void) | undefined;
}): SaidAloud {
  const { assembly, beginning, onDelta } = options;
  let held = '';
  let sure = beginning === 'said';
  const tell = (): void => {
    if (held !== '') onDelta?.(held);
    held = '';
  };
  return {
    add: (text) => {
      if (!sure && assembly.beganInThought) held = '';
      sure ||= assembly.beganInThought || assembly.thinksApart;
      held += text;
      if (sure) tell();
    },
    end: tell,
  };
}
