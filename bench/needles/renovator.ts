import { z } from 'zod';
import { defineAgent } from '../../agents/define-agent.ts';
import { defineTool, refuse } from '../../tools/index.ts';
import type { Story } from './facts.ts';

const ROOMS = ['kitchen', 'hall', 'bath', 'stairs', 'attic', 'cellar'];
const TRADES = ['plumber', 'painter', 'joiner', 'tiler', 'electrician', 'roofer'];

const readNote = defineTool({
  name: 'read_note',
  description: 'Reads a note of the site diary by its number.',
  input: z.object({ note: z.int() }),
  effect: 'read',
  execute: async ({ note }) => noteText(note),
});

/** The agent of a story; only what it may not book is the story's own. */
export function createRenovator({ booking }: Story) {
  const book = defineTool({
    name: 'book',
    description: 'Books a machine for a place on the site.',
    input: z.object({ thing: z.string(), place: z.string() }),
    effect: 'idempotent',
    execute: async ({ thing, place }) =>
      thing === booking.thing && place === booking.place ? refuse(booking.refusal) : 'Booked.',
  });
  return defineAgent({
    name: 'renovator',
    description: 'Keeps the diary of a renovation and answers who asks.',
    instructions:
      'You keep the diary of a renovation. You read one note a turn with read_note and answer what people ask.',
    input: z.object({ turns: z.int() }),
    output: z.object({ read: z.int() }),
    goal: ({ turns }) => `Read ${turns} notes of the site diary, and answer who asks.`,
    subject: () => 'renovation-7',
    // A step of its plan takes as many turns as it takes; no person need be asked about that.
    policy: { loops: { noProgress: { tell: 0, ask: 0, block: 0 } } },
    plan: () => [
      { id: 'survey', title: 'Survey the house' },
      { id: 'notes', title: 'Read the site diary' },
      { id: 'report', title: 'Report' },
    ],
    tools: [readNote, book],
  });
}

/** A note of the diary: some 900 bytes of what was done, with numbers of its own. */
export function noteText(note: number): string {
  if (note % 13 === 0) refuse(`Note ${note} is wet and cannot be read.`);
  return Array.from({ length: 9 }, (_, line) => {
    const at = note * 17 + line * 5;
    return `${line + 1}. The ${TRADES[at % TRADES.length]} worked in the ${ROOMS[(at + line) % ROOMS.length]} for ${1 + (at % 8)} hours and used ${at % 90} parts of lot L-${2_000 + at}.`;
  }).join('\n');
}

/** What people write while time goes by, each kind with a number of its own: nothing that any need asks for. */
export function fillerMessage(turn: number, seed: number): string {
  const at = turn * 7 + seed * 1_013;
  const [room, trade] = [ROOMS[at % ROOMS.length], TRADES[at % TRADES.length]];
  const fillers = [
    `Delivery D-${3_000 + at} for the ${room} came today, ${1 + (at % 30)} boxes; the ${trade} has signed for it.`,
    `The ${trade} sent invoice R-${5_000 + at} over ${at % 900} EUR, which goes to the bookkeeper.`,
    `Photograph P${100 + at} shows the ${room} as it is today.`,
    `A neighbour rang about the noise and left the number 0351 ${40_000 + at}.`,
    `The skip was emptied, weighing note W-${7_000 + at}.`,
    `The inspector wants to see form F-${at} of the ${room} some time next month.`,
    `The ${trade} is ill; his cousin comes instead, badge ${900 + at}.`,
    `Insurance case V-${600 + at} is about the window that broke in the ${room}.`,
    `Meter reading of today: ${20_000 + at} kWh.`,
    `The parking permit ${8_000 + at} of the ${trade} ends in spring.`,
    `Sample M-${at} of the plaster went to the laboratory.`,
    `Key ${300 + at} of the ${room} hangs in the office now.`,
  ];
  return fillers[(Math.floor(turn / FILLER_EVERY) + seed * 5) % fillers.length] ?? '';
}

/** Turns between two of them. */
export const FILLER_EVERY = 4;
