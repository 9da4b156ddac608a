import { z } from 'zod';

/** A fault to inject into the requests that come next. */
export const faultSchema = z.object({
  /** Requests it strikes. */
  times: z.number().int().min(1).max(1_000).default(1),
  /** Only these requests. Default: all. */
  method: z.string().optional(),
  pathPrefix: z.string().optional(),
  /** `status`: fail before the effect; `delay`: answer late, after the effect; `drop`: cut the line after the effect. */
  kind: z.enum(['status', 'delay', 'drop']),
  status: z.number().int().min(400).max(599).default(503),
  delayMs: z.number().int().min(0).max(60_000).default(1_000),
});
export type Fault = z.output<typeof faultSchema>;

export interface Faults {
  add(fault: Fault): void;
  /** The fault that strikes this request, if any; it is used up by one. */
  take(request: {
    readonly method: string;
    readonly path: string;
    readonly header: string | undefined;
  }): Fault | undefined;
}

/** Faults wait in the order in which they were added. The header `X-Fault: drop`, `delay:200` or `status:503` strikes one request. */
export function createFaults(): Faults {
  const waiting: Fault[] = [];
  return {
    add: (fault) => void waiting.push({ ...fault }),
    take: ({ method, path, header }) => {
      if (header !== undefined) return faultOfHeader(header);
      const index = waiting.findIndex(
        (fault) => (fault.method ?? method) === method && path.startsWith(fault.pathPrefix ?? ''),
      );
      const fault = waiting[index];
      if (!fault) return undefined;
      if (fault.times === 1) waiting.splice(index, 1);
      else waiting[index] = { ...fault, times: fault.times - 1 };
      return fault;
    },
  };
}

function faultOfHeader(header: string): Fault | undefined {
  const [kind, number] = header.split(':');
  const amount =
    number === undefined ? {} : kind === 'delay' ? { delayMs: Number(number) } : { status: Number(number) };
  const parsed = faultSchema.safeParse({ kind, ...amount });
  return parsed.success ? parsed.data : undefined;
}
