import { z } from 'zod';

/** Where a worker can be made to stand still: in the model, in the tool, or in a stage that runs in the worker itself. */
const placeSchema = z.enum(['model', 'tool', 'embedder']);
export type Place = z.output<typeof placeSchema>;

export const orderSchema = z.discriminatedUnion('order', [
  z.object({ order: z.literal('hold'), place: placeSchema }),
  z.object({ order: z.literal('release') }),
  /** Cleans up, and tells how much memory the process takes. */
  z.object({ order: z.literal('measure') }),
  /** Blocks the event loop, as a careless tool would. */
  z.object({ order: z.literal('block'), ms: z.number() }),
]);
export type Order = z.output<typeof orderSchema>;

/** Times are of the machine's clock, in milliseconds. */
export const noticeSchema = z.discriminatedUnion('notice', [
  z.object({ notice: z.literal('ready') }),
  z.object({ notice: z.literal('unblocked') }),
  z.object({ notice: z.literal('memory'), megabytes: z.number() }),
  /** A task has begun to wait. */
  z.object({ notice: z.literal('waits'), taskId: z.string() }),
  z.object({ notice: z.literal('held'), place: placeSchema }),
  z.object({ notice: z.literal('stage'), stage: z.string(), taskId: z.string(), at: z.number() }),
]);
export type Notice = z.output<typeof noticeSchema>;

/** What a worker of the fleet is started with, as its one argument. */
export const fleetSettingsSchema = z.object({
  temporalAddress: z.string(),
  namespace: z.string(),
  redisUrl: z.string(),
  taskQueue: z.string(),
  /** The bundled workflows: every worker of a fleet has the same, whatever happens to the sources meanwhile. */
  codePath: z.string(),
  /** With the times that the SDK would choose, instead of Waymark's. */
  temporalDefaults: z.boolean(),
});
export type FleetSettings = z.output<typeof fleetSettingsSchema>;
