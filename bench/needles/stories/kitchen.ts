import type { Story } from '../facts.ts';

const ASKED = { question: 'Who signs the acceptance of the work?', answer: 'Mrs. Okafor signs it; her deputy is Jan.' };
const OPEN = 'Which colour shall the ceiling of the hall have?';
const SURVEY = 'surveyed; the floor lies 3 cm too low at the bay window';

export const kitchen: Story = {
  name: 'kitchen',
  said: [
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
  ],
  corrected: {
    text: 'The budget of the kitchen is 40,000 EUR.',
    extracted: { kind: 'fact', slot: 'kitchen budget', importance: 0.8 },
  },
  asked: ASKED,
  open: OPEN,
  survey: SURVEY,
  booking: {
    thing: 'crane',
    place: 'north gate',
    refusal: 'The north gate is too low for the crane: 3.10 m, and it needs 4 m.',
  },
  happened: [
    {
      kind: 'failed attempt',
      given: 'a crane at the north gate is refused',
      need: 'The beams have come. Get them over the wall with a crane.',
      mark: 'north gate is too low',
    },
    {
      kind: 'answer',
      given: ASKED.answer,
      need: 'The work will be accepted on Monday. Prepare the paper for the signature.',
      mark: 'Okafor',
    },
    { kind: 'open question', given: OPEN, need: 'The painter stands in the hall and wants to begin.', mark: OPEN },
    {
      kind: 'progress',
      given: `plan item "survey" is done: ${SURVEY}`,
      need: 'The floor layer asks whether anything has to be levelled.',
      mark: '3 cm too low',
    },
  ],
};
