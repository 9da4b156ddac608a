import { writeFile } from 'node:fs/promises';
import { writePdf } from './write-pdf.ts';

/** Makes the one PDF of the handbook anew: `node --import tsx examples/make-handbook-pdf.ts`. */
const pages = [
  [
    'Van lease, in short',
    '',
    'The four vans are leased until the end of June 2028.',
    'The lease covers service, tyres and one replacement van for up to ten days a year.',
    'It does not cover damage to the cooling units: they belong to Crumb and Co.',
  ],
  [
    'Mileage',
    '',
    'Each van may be driven 32,000 kilometres a year. Every further kilometre costs 14 cents.',
    'The mileage is read on the last Friday of each month and sent to the leasing company.',
    '',
    'Damage',
    '',
    'Damage is reported within 24 hours, with photographs. The excess is 500 euros for each case.',
  ],
];
await writeFile(new URL('handbook/operations/van-lease.pdf', import.meta.url), writePdf('Van lease', pages));
