import type { Story } from '../facts.ts';

const ASKED = {
  question: 'Who has the key of the attic?',
  answer: 'Lindqvist, the caretaker of number 14. He is there until four.',
};
const OPEN = 'May the wall towards the neighbours be insulated from outside?';
const SURVEY = 'surveyed; asbestos was found behind the boiler';

export const roof: Story = {
  name: 'roof',
  said: [
    {
      kind: 'preference',
      given: 'Ines Park likes short messages without attachments.',
      need: 'Send Ines Park the news about the windows.',
      mark: 'without attachments',
      extracted: { kind: 'preference', slot: 'messages', importance: 0.6 },
    },
    {
      kind: 'id',
      given: 'Our building permit is filed as BP-2026-0417.',
      need: 'The district office asks for the file number of the permit.',
      mark: 'BP-2026-0417',
      extracted: { kind: 'fact', slot: 'building permit', importance: 0.6 },
    },
    {
      kind: 'commitment',
      given: 'We agreed with the school next door to be quiet during the exams in June.',
      need: 'Set the week in which the concrete is broken out.',
      mark: 'exams in June',
      extracted: { kind: 'decision', importance: 0.8 },
    },
    {
      kind: 'constraint',
      given: 'The roots of the old oak in the garden are protected and must not be cut.',
      need: 'Where can the trench for the drain be dug?',
      mark: 'must not be cut',
      extracted: { kind: 'constraint', importance: 0.8 },
    },
    {
      kind: 'decision',
      given: 'It was decided that the roof is covered with slate and not with clay.',
      need: 'The roofer asks what he should order for the roof.',
      mark: 'with slate',
      extracted: { kind: 'decision', slot: 'roof covering', importance: 0.7 },
    },
    {
      kind: 'correction',
      given: 'Correction: the scaffold is rented from Ostermann.',
      need: 'A plank of the scaffold is loose. Whom do I call?',
      mark: 'from Ostermann',
      outdated: 'from Brandt',
      extracted: { kind: 'fact', slot: 'owner of the scaffold', importance: 0.8 },
    },
  ],
  corrected: {
    text: 'The scaffold is rented from Brandt.',
    extracted: { kind: 'fact', slot: 'owner of the scaffold', importance: 0.8 },
  },
  asked: ASKED,
  open: OPEN,
  survey: SURVEY,
  booking: {
    thing: 'generator',
    place: 'cellar',
    refusal: 'No generator may run in the cellar: the fumes cannot leave.',
  },
  happened: [
    {
      kind: 'failed attempt',
      given: 'a generator in the cellar is refused',
      need: 'The mains are off and the pumps stand still. Get a generator.',
      mark: 'fumes cannot leave',
    },
    {
      kind: 'answer',
      given: ASKED.answer,
      need: 'The roofer stands before the locked door under the roof.',
      mark: 'Lindqvist',
    },
    {
      kind: 'open question',
      given: OPEN,
      need: 'The facade firm wants to begin on the side of the neighbours.',
      mark: OPEN,
    },
    {
      kind: 'progress',
      given: `plan item "survey" is done: ${SURVEY}`,
      need: 'The plumber wants to take the boiler out tomorrow.',
      mark: 'asbestos was found',
    },
  ],
};
