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

/** Said by a person, in messages. The extracting model is scripted: it takes each sentence as it stands. */
export const said: readonly (Needle & { readonly extracted: Extracted })[] = [
  {
    kind: 'preference',
    given: 'Ana Roth prefers to be written to in German.',
    need: 'Please write Ana Roth a letter about the delay.',
    mark: 'in German',
    extracted: { kind: 'preference', slot: 'language', importance: 0.6 },
  },
  {
    kind: 'id',
    given: 'The contract of the renovation has the number KX-48213-B.',
    need: 'The bank asks which contract the transfer is for.',
    mark: 'KX-48213-B',
    extracted: { kind: 'fact', slot: 'contract number', importance: 0.6 },
  },
  {
    kind: 'commitment',
    given: 'We promised Ana Roth that the crew leaves by noon on every Friday.',
    need: 'Plan the hours of the crew for next Friday.',
    mark: 'by noon',
    extracted: { kind: 'decision', importance: 0.8 },
  },
  {
    kind: 'constraint',
    given: 'Nobody may drill before nine, because the baby upstairs sleeps.',
    need: 'When can the drilling begin tomorrow morning?',
    mark: 'before nine',
    extracted: { kind: 'constraint', importance: 0.8 },
  },
  {
    kind: 'decision',
    given: 'We settled on walnut for the floor, since oak would darken.',
    need: 'The joiner asks what wood the floor will be made of.',
    mark: 'walnut for the floor',
    extracted: { kind: 'decision', slot: 'wood of the floor', importance: 0.7 },
  },
  {
    kind: 'correction',
    given: 'Correction: the budget of the kitchen is 52,500 EUR.',
    need: 'Can we afford the stone top for the kitchen, or is it beyond the budget?',
    mark: '52,500 EUR',
    outdated: '40,000 EUR',
    extracted: { kind: 'fact', slot: 'kitchen budget', importance: 0.8 },
  },
];

/** What the correction corrects, a turn before. */
export const CORRECTED = {
  text: 'The budget of the kitchen is 40,000 EUR.',
  extracted: { kind: 'fact', slot: 'kitchen budget', importance: 0.8 },
} as const;

export const SIGNER = {
  question: 'Who signs the acceptance of the work?',
  answer: 'Mrs. Okafor signs it; her deputy is Jan.',
};
export const CEILING = 'Which colour shall the ceiling of the hall have?';
export const SURVEY = 'surveyed; the floor lies 3 cm too low at the bay window';

/** What happens on turn 3 beside what is said. */
export const happened: readonly Needle[] = [
  {
    kind: 'failed attempt',
    given: 'book_crane at the north gate is refused: the gate is too low',
    need: 'The beams have come. Get them over the wall with a crane.',
    mark: 'north gate is too low',
  },
  {
    kind: 'answer',
    given: SIGNER.answer,
    need: 'The work will be accepted on Monday. Prepare the paper for the signature.',
    mark: 'Okafor',
  },
  { kind: 'open question', given: CEILING, need: 'The painter stands in the hall and wants to begin.', mark: CEILING },
  {
    kind: 'progress',
    given: `plan item "survey" is done: ${SURVEY}`,
    need: 'The floor layer asks whether anything has to be levelled.',
    mark: '3 cm too low',
  },
];

export const needles: readonly Needle[] = [...said, ...happened];
