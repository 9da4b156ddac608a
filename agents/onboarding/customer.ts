import { createHash } from 'node:crypto';
import { z } from 'zod';
import { ID_RULE, isId } from '../../contracts/ids.ts';

const line = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .refine((text) => !/[\r\n]/.test(text), 'one line');

/** What is known of a customer at sign-up. What is missing is asked. */
export const customerSchema = z.object({
  company: line,
  contact: z.object({ name: line, email: z.email() }),
  country: z.string().regex(/^[A-Z]{2}$/, 'two capital letters, e.g. DE'),
  /** People who work there. */
  size: z.number().int().min(1),
  /** The id your own systems give this customer. Default: derived from the company's name. */
  customerId: z.string().refine(isId, ID_RULE).optional(),
  /** Where the data to import is: an http(s) URL, or the name of a file that was uploaded at sign-up. */
  data: line.optional(),
  plan: z.enum(['starter', 'team', 'business']).optional(),
  colleagues: z.array(z.email()).max(50).optional(),
});
export type Customer = z.output<typeof customerSchema>;

/** What the onboarding has brought about. */
export const onboardingResultSchema = z.object({
  accountId: z.string().nullable(),
  workspaceId: z.string().nullable(),
  plan: z.string().nullable(),
  rowsImported: z.number().int().min(0),
  invited: z.array(z.email()),
  live: z.boolean(),
});

/** The customer's id: as given, or the company's name in the alphabet of ids. */
export function customerIdOf({ customerId, company }: Customer): string {
  if (customerId !== undefined) return customerId;
  const plain = company.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  const slug = plain
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 60);
  // A name that lost characters on the way could meet another's: its own hash keeps the two apart.
  if (slug === company.toLowerCase().replaceAll(' ', '-')) return slug;
  return `${slug || 'customer'}-${createHash('sha256').update(company).digest('hex').slice(0, 8)}`;
}

/** The task in a sentence, with everything that is known, so that the agent has it before it at every turn. */
export function goalOf({ company, contact, country, size, data, plan, colleagues }: Customer): string {
  return [
    `Bring ${JSON.stringify(company)} from sign-up to live.`,
    `Contact: ${contact.name} <${contact.email}>.`,
    `Country: ${country}. People: ${size}.`,
    `Data: ${data === undefined ? 'not known yet' : JSON.stringify(data)}.`,
    `Plan: ${plan ?? 'not chosen yet'}.`,
    `Colleagues: ${colleagues === undefined ? 'not known yet' : colleagues.join(', ') || 'none'}.`,
  ].join(' ');
}
