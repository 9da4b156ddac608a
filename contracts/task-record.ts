import type { IsoTime } from './json.ts';
import type { OpenRequest } from './requests.ts';
import type { Plan, StatusKind } from './task.ts';

/** A task as listings and joins see it; the workflow never decides from it. */
export interface TaskRecord {
  readonly taskId: string;
  readonly tenant: string;
  readonly agent: string;
  readonly key: string;
  readonly subject?: string;
  readonly goal: string;
  readonly status: StatusKind;
  /** What it waits for, or why it is blocked or paused, in a sentence. */
  readonly waitingFor?: string;
  /** Open questions and approvals, whatever the status; absent where none is. Long arguments are cut. */
  readonly requests?: readonly OpenRequest[];
  readonly turn: number;
  readonly plan: Plan;
  readonly spentTokens: number;
  readonly startedAt: IsoTime;
  readonly updatedAt: IsoTime;
}

export interface TaskRecordFilter {
  readonly agent?: string;
  readonly subject?: string;
  readonly status?: StatusKind;
  /** Only those that have not ended, or only those that have. */
  readonly open?: boolean;
  /** Only those with open requests that have not ended, who has waited longest first; the names: only what is for one of them. */
  readonly asks?: true | readonly string[];
  /** Of `asks`: only what was asked at this moment or later, in milliseconds. */
  readonly askedFrom?: number;
  /** At most this many; most recently updated first, unless `asks` is given. Default 50. */
  readonly limit?: number;
  /** How many of those found are left out. Default 0. */
  readonly offset?: number;
}

/** Task records, for one tenant at a time. */
export interface TaskRecords {
  save(record: TaskRecord): Promise<void>;
  get(tenant: string, taskId: string): Promise<TaskRecord | undefined>;
  /** What cannot be read of what is stored is left out: one damaged record is nobody else's trouble. */
  list(tenant: string, filter?: TaskRecordFilter): Promise<TaskRecord[]>;
  remove(tenant: string, taskId: string): Promise<void>;
}
