import { z } from 'zod';
import { defineAgent } from '../../agents/define-agent.ts';
import { defineTool, refuse } from '../../tools/index.ts';

/** Turns at which a record is a whole log. */
const LARGE_EVERY = 60;
const LARGE_BYTES = 60_000;
/** Records that are locked: every so manieth. */
const LOCKED_EVERY = 9;
/** Turns between two updates of the plan. */
export const PLAN_EVERY = 25;

const CARRIERS = ['a courier', 'the night post', 'a bicycle', 'the customer herself', 'rail freight'];
const GOODS = ['walnut shelves', 'brass hinges', 'oak planks', 'tins of linseed oil', 'glass panes', 'felt pads'];
const REMARKS = [
  'the crate was dented and accepted all the same',
  'the invoice names another street than the label',
  'a second signature is missing',
  'the weight differs from the order by a little',
  'nothing is open',
  'the customer asked for a later date and got it',
];

/** Looks up record after record: 200 different texts of 600 to 2,600 bytes, some refusals, some logs. */
const lookUp = defineTool({
  name: 'look_up',
  description: 'Looks a record of the archive up by its number and answers with its text.',
  input: z.object({ record: z.int().describe('number of the record') }),
  effect: 'read',
  execute: async ({ record }) => recordText(record),
});

export const auditor = defineAgent({
  name: 'auditor',
  description: 'Audits an archive, record after record.',
  instructions:
    'You audit the archive of a joinery. You look up one record a turn with look_up, say in a sentence or two what is odd about it, and keep the plan true. ' +
    'A record that is locked you note and leave. When all records of the order are audited, you call finish with their number.',
  input: z.object({ records: z.int() }),
  output: z.object({ audited: z.int() }),
  goal: ({ records }) => `Audit records 1 to ${records} of the archive.`,
  subject: () => 'archive',
  // A step of its plan takes as many turns as it takes; no person need be asked about that.
  policy: { loops: { noProgress: { tell: 0, ask: 0, block: 0 } } },
  plan: ({ records }) =>
    Array.from({ length: Math.ceil(records / PLAN_EVERY) }, (_, at) => ({
      id: `part-${at + 1}`,
      title: `Audit records ${at * PLAN_EVERY + 1} to ${Math.min((at + 1) * PLAN_EVERY, records)}`,
    })),
  tools: [lookUp],
});

/** The text of a record, always the same. */
export function recordText(record: number): string {
  if (record % LOCKED_EVERY === 0) refuse(`Record ${record} is locked by the accountant until the quarter is closed.`);
  const bytes = record % LARGE_EVERY === 0 ? LARGE_BYTES : 600 + ((record * 7_919) % 2_000);
  const lines: string[] = [`Record ${record}, order A-${1_000 + record * 17}`];
  for (let line = 0, length = 0; length < bytes; line += 1) {
    const at = record * 31 + line * 7;
    const text = `${line + 1}. ${1 + (at % 40)} ${GOODS[at % GOODS.length]} for ${(at * 13) % 900} EUR, brought by ${CARRIERS[(at + line) % CARRIERS.length]} on day ${at % 365}; ${REMARKS[(at * 5) % REMARKS.length]}.`;
    lines.push(text);
    length += text.length + 1;
  }
  return lines.join('\n');
}

/** What is odd about a record, in the model's words. */
export function finding(record: number): string {
  const remark = REMARKS[(record * 5) % REMARKS.length] ?? '';
  return `Record ${record}: order A-${1_000 + record * 17} with ${GOODS[record % GOODS.length]}; ${remark}. I go on with the next one, as the plan says.`;
}
