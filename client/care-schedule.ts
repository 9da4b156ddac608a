import type { Client, ScheduleDescription, ScheduleOptions } from '@temporalio/client';
import { ScheduleAlreadyRunning, ScheduleNotFoundError, ScheduleOverlapPolicy } from '@temporalio/client';
import type { IsoTime } from '../contracts/json.ts';
import { CARE_POLICY, careId } from '../contracts/memory-care.ts';
import type { CareName, CarePolicy } from '../contracts/memory-care.ts';
import type { Actor } from '../contracts/transcript.ts';
import type { memoryCare } from '../workflows/care/memory-care.ts';
import { asWaymarkError } from './temporal-errors.ts';
import { WaymarkError } from './errors.ts';

/** Every night at three, by UTC. */
export const CARE_CRON = '0 3 * * *';

/** When a tenant's memories are cared for. */
export interface CareSchedule {
  readonly scheduleId: string;
  readonly paused: boolean;
  readonly note?: string;
  /** As it was written, by UTC. */
  readonly cron: string;
  readonly next?: IsoTime;
  readonly last?: IsoTime;
}

/** Care for one tenant's memories, as a service or a person asks for it. */
export interface CareHandle {
  /**
   * Creates the schedule, or brings it up to date: what it starts and, where `cron` is given, when. Whether it is paused
   * stays as it is. Safe to do again, and by two at once.
   */
  schedule(options?: { readonly cron?: string; readonly policy?: CarePolicy }): Promise<'created' | 'updated'>;
  /** `undefined` where there is none. */
  scheduled(): Promise<CareSchedule | undefined>;
  /** @throws WaymarkError `TaskNotFound` where there is no schedule */
  pause(by: Actor, reason: string): Promise<void>;
  resume(by: Actor): Promise<void>;
  remove(): Promise<void>;
  /** Starts care now, or finds it under way; resolves when it has ended. */
  run(options?: { readonly only?: readonly CareName[]; readonly policy?: CarePolicy }): Promise<void>;
}

export function createCareHandle(options: {
  readonly temporal: Client;
  readonly address: string;
  readonly tenant: string;
  readonly taskQueue: string;
}): CareHandle {
  const { temporal, address, tenant, taskQueue } = options;
  const scheduleId = careId(tenant);
  const handle = () => temporal.schedule.getHandle(scheduleId);
  const asking = async <Result>(ask: () => Promise<Result>): Promise<Result> => {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof ScheduleNotFoundError)) throw asWaymarkError(error, { taskId: scheduleId, address });
      const message = `The memories of tenant "${tenant}" have no schedule. Create it with \`waymark memory care schedule\`.`;
      throw new WaymarkError('TaskNotFound', message, { cause: error });
    }
  };
  const scheduled = () =>
    asking(async () => {
      try {
        return scheduleOf(await handle().describe());
      } catch (error) {
        if (error instanceof ScheduleNotFoundError) return undefined;
        throw error;
      }
    });
  return {
    scheduled,
    schedule: ({ cron, policy = CARE_POLICY } = {}) =>
      asking(async () => {
        const wanted = scheduleFor({ tenant, taskQueue, cron: cron ?? CARE_CRON, policy });
        try {
          await temporal.schedule.create(wanted);
          return 'created';
        } catch (error) {
          if (!(error instanceof ScheduleAlreadyRunning)) throw error;
        }
        await handle().update(({ spec, state }) => ({
          ...wanted,
          spec: cron === undefined ? spec : wanted.spec,
          state: { paused: state.paused, ...(state.note === undefined ? {} : { note: state.note }) },
        }));
        return 'updated';
      }),
    pause: ({ id }, reason) => asking(() => handle().pause(`${reason} (${id})`)),
    resume: ({ id }) => asking(() => handle().unpause(`resumed by ${id}`)),
    remove: () => asking(() => handle().delete()),
    run: ({ only, policy = CARE_POLICY } = {}) =>
      asking(async () => {
        const input = { tenant, policy, ...(only === undefined ? {} : { only }) };
        await temporal.workflow.execute<typeof memoryCare>('memoryCare', {
          workflowId: scheduleId,
          taskQueue,
          args: [input],
          workflowIdConflictPolicy: 'USE_EXISTING',
          staticSummary: `Care of the memories of ${tenant}`,
        });
      }),
  };
}

function scheduleFor(options: {
  readonly tenant: string;
  readonly taskQueue: string;
  readonly cron: string;
  readonly policy: CarePolicy;
}): ScheduleOptions & { action: { type: 'startWorkflow' } } {
  const { tenant, taskQueue, cron, policy } = options;
  return {
    scheduleId: careId(tenant),
    // Temporal keeps a cron expression as a calendar, and what follows the # as its comment.
    spec: { cronExpressions: [`${cron} # ${cron}`] },
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1 hour' },
    action: {
      type: 'startWorkflow',
      workflowType: 'memoryCare',
      workflowId: careId(tenant),
      taskQueue,
      args: [{ tenant, policy }],
      staticSummary: `Care of the memories of ${tenant}`,
    },
  };
}

function scheduleOf({ scheduleId, state, info, spec }: ScheduleDescription): CareSchedule {
  const [next] = info.nextActionTimes;
  const last = info.recentActions.at(-1)?.takenAt;
  const [calendar] = spec.calendars ?? [];
  return {
    scheduleId,
    paused: state.paused,
    ...(state.note === undefined ? {} : { note: state.note }),
    cron: calendar?.comment ?? JSON.stringify(calendar ?? spec.intervals ?? []),
    ...(next === undefined ? {} : { next: next.toISOString() }),
    ...(last === undefined ? {} : { last: last.toISOString() }),
  };
}
