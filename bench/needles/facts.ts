import type { MemoryKind } from '../../contracts/memory.ts';

/** A fact given on turn 3, and the moment much later that needs it. */
export interface Needle {
  readonly kind: string;
  /** What is said or happens on turn 3. */
  readonly given: string;
  /** The newest input of the turn that needs it: other words, and not the mark. */
  readonly need: string;
  /** Stands in a prompt that holds the fact, and in nothing else. */
  readonly mark: string;
  /** Stands in a prompt only if the fact was corrected in vain. */
  readonly outdated?: string;
}

/** What an extracting model makes of a sentence. */
export interface Extracted {
  readonly kind: MemoryKind;
  readonly slot?: string;
  readonly importance: number;
}

/** Said by a person, in a message. */
export type Said = Needle & { readonly extracted: Extracted };

/** A task with ten facts of its own. */
export interface Story {
  readonly name: string;
  /** Said in messages. The extracting model is scripted: it takes each sentence as it stands. */
  readonly said: readonly Said[];
  /** What the correction corrects, a turn before. */
  readonly corrected: { readonly text: string; readonly extracted: Extracted };
  /** Asked and answered. */
  readonly asked: { readonly question: string; readonly answer: string };
  /** Asked, and never answered. */
  readonly open: string;
  /** With which the first step of the plan is done. */
  readonly survey: string;
  /** Booked in vain. */
  readonly booking: { readonly thing: string; readonly place: string; readonly refusal: string };
  /** What happens on turn 3 beside what is said. */
  readonly happened: readonly Needle[];
}

/** All ten facts of a story. */
export function needlesOf({ said, happened }: Story): readonly Needle[] {
  return [...said, ...happened];
}
