import type { Story } from '../facts.ts';

const ASKED = {
  question: 'On which day may the water be shut off?',
  answer: 'Only on Thursdays, because of the dialysis on the second floor.',
};
const OPEN = 'Shall the tiled stove in the parlour be kept?';
const SURVEY = 'surveyed; the beam over the kitchen is rotten for 2 m';

export const heating: Story = {
  name: 'heating',
  said: [
    {
      kind: 'preference',
      given: 'Tom Berg wants to be telephoned in the evening and never at work.',
      need: 'Talk to Tom Berg about the tiles.',
      mark: 'in the evening',
      extracted: { kind: 'preference', slot: 'telephone hours', importance: 0.6 },
    },
    {
      kind: 'id',
      given: 'The insurance of the house has the policy number HV-7731-88.',
      need: 'The adjuster asks under which policy the burst pipe runs.',
      mark: 'HV-7731-88',
      extracted: { kind: 'fact', slot: 'insurance policy', importance: 0.6 },
    },
    {
      kind: 'commitment',
      given: 'We promised Mr. Falk from next door to sweep the pavement each day before the crew goes.',
      need: 'What is still owed to Mr. Falk today?',
      mark: 'sweep the pavement',
      extracted: { kind: 'decision', importance: 0.8 },
    },
    {
      kind: 'constraint',
      given: 'The stairwell must be kept free, since it is the only way out in a fire.',
      need: 'Where can the plasterboards be put on the ground floor?',
      mark: 'must be kept free',
      extracted: { kind: 'constraint', importance: 0.9 },
    },
    {
      kind: 'decision',
      given: 'We decided on a heat pump instead of gas.',
      need: 'The plumber wants to know what heating to order.',
      mark: 'heat pump',
      extracted: { kind: 'decision', slot: 'heating', importance: 0.7 },
    },
    {
      kind: 'correction',
      given: 'Correction: the family moves in on 15 April.',
      need: 'For when is the removal van to be ordered?',
      mark: '15 April',
      outdated: '1 March',
      extracted: { kind: 'fact', slot: 'moving date', importance: 0.8 },
    },
  ],
  corrected: {
    text: 'The family moves in on 1 March.',
    extracted: { kind: 'fact', slot: 'moving date', importance: 0.8 },
  },
  asked: ASKED,
  open: OPEN,
  survey: SURVEY,
  booking: {
    thing: 'skip',
    place: 'lane',
    refusal: 'The town gives no permit for a skip in the lane: the fire brigade needs it.',
  },
  happened: [
    {
      kind: 'failed attempt',
      given: 'a skip in the lane is refused',
      need: 'The rubble has to go. Order a skip.',
      mark: 'no permit for a skip in the lane',
    },
    {
      kind: 'answer',
      given: ASKED.answer,
      need: 'The plumber wants to replace the main valve. Tell him when he can.',
      mark: 'Thursdays',
    },
    { kind: 'open question', given: OPEN, need: 'The chimney sweep asks what becomes of the old stove.', mark: OPEN },
    {
      kind: 'progress',
      given: `plan item "survey" is done: ${SURVEY}`,
      need: 'The carpenter asks which timber has to be replaced.',
      mark: 'rotten for 2 m',
    },
  ],
};
