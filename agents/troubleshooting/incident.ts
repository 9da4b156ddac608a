import { z } from 'zod';
import { isId, ID_RULE } from '../../contracts/ids.ts';

const line = z
  .string()
  .trim()
  .min(1)
  .max(300)
  .refine((text) => !/[\r\n]/.test(text), 'one line');

/** What is known when somebody notices that a service is unhealthy. */
export const incidentSchema = z.object({
  /** The service's name, as its changes are approved under. */
  service: z.string().refine(isId, ID_RULE),
  symptom: line,
  healthUrl: z.url({ protocol: /^https?$/ }),
  /** Path inside the log folder. */
  logFile: line.optional(),
  /** What its process is called. Default: the service's name. */
  processName: line.optional(),
  /** Who is asked when something is unclear. */
  contact: line.optional(),
});
export type Incident = z.output<typeof incidentSchema>;

/** What was found out and done. */
export const diagnosisSchema = z.object({
  cause: z.string().min(1),
  /** What was done, or what should be. */
  fix: z.string().min(1),
  /** Whether the service was seen healthy afterwards. */
  verified: z.boolean(),
  evidence: z.array(z.object({ check: z.string(), finding: z.string() })),
});

/** The task in a sentence, with everything that is known. */
export function goalOf({ service, symptom, healthUrl, logFile, processName, contact }: Incident): string {
  return [
    `Find out why ${service} is unhealthy and get it healthy.`,
    `Symptom: ${JSON.stringify(symptom)}.`,
    `Health check: ${healthUrl}`,
    `Log file: ${logFile === undefined ? 'not known' : JSON.stringify(logFile)}.`,
    `Process: ${JSON.stringify(processName ?? service)}.`,
    `Contact: ${contact ?? 'whoever is on duty'}.`,
  ].join(' ');
}
