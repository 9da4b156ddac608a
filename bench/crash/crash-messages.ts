import { z } from 'zod';

/** What a worker of the matrix is started with, as its one argument. */
export const crashSettingsSchema = z.object({
  temporalAddress: z.string(),
  namespace: z.string(),
  redisUrl: z.string(),
  serviceUrl: z.string(),
  taskQueue: z.string(),
  /** The bundled workflows. */
  codePath: z.string(),
});
export type CrashSettings = z.output<typeof crashSettingsSchema>;

export const crashNoticeSchema = z.discriminatedUnion('notice', [
  z.object({ notice: z.literal('ready') }),
  /** The call of a task stands at its point. */
  z.object({ notice: z.literal('held'), taskId: z.string() }),
  /** A call has come to its end in this worker, whatever became of it. */
  z.object({ notice: z.literal('ended'), taskId: z.string() }),
]);
export type CrashNotice = z.output<typeof crashNoticeSchema>;

/** `hold`: from now on each task's first call stands still at its point; `release`: every call goes on. */
export const crashOrderSchema = z.enum(['hold', 'release']);
export type CrashOrder = z.output<typeof crashOrderSchema>;
