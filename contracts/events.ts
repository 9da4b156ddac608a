import type { IsoTime, Json } from './json.ts';
import type { Usage } from './language-model.ts';
import type { Subgoal } from './plan.ts';
import type { TaskMessageName } from './messages.ts';
import type { SectionName } from './projection.ts';
import type { PlanReason } from './stages.ts';
import type { StepProgress } from './stepped-tool.ts';
import type { Approval, Question } from './requests.ts';
import type { Plan, Spent, TaskStatus } from './task.ts';
import type { Actor, LoopFinding, ToolOutcome, Verdict } from './transcript.ts';

/** What a watcher of a task sees as it happens. */
export type TaskEvent =
  | {
      readonly type: 'status';
      readonly at: IsoTime;
      readonly turn: number;
      readonly status: TaskStatus;
      readonly plan: Plan;
    }
  | {
      /** A message that was left as a signal while no worker was up, and made no sense when one came. */
      readonly type: 'message-refused';
      readonly at: IsoTime;
      readonly turn: number;
      readonly message: TaskMessageName;
      readonly from: Actor;
      readonly why: string;
    }
  | {
      readonly type: 'input-captured';
      readonly at: IsoTime;
      readonly seq: number;
      readonly from: Actor;
      readonly text: string;
    }
  | {
      readonly type: 'context-assembled';
      readonly at: IsoTime;
      readonly turn: number;
      readonly tokens: number;
      readonly sections: readonly { readonly name: string; readonly tokens: number }[];
      readonly recalled: readonly { readonly kind: string; readonly text: string; readonly score: number }[];
    }
  | { readonly type: 'model-delta'; readonly at: IsoTime; readonly turn: number; readonly text: string }
  | (Usage & {
      readonly type: 'action-inferred';
      readonly at: IsoTime;
      readonly turn: number;
      readonly text: string;
      readonly calls: readonly {
        readonly id: string;
        readonly name: string;
        readonly arguments: string;
        /** Written as text, and taken from there. */
        readonly written?: true;
      }[];
      readonly model: string;
      /** The section at which the prompt departs from the one before. */
      readonly brokeAt?: SectionName;
    })
  | {
      /** Of a call that needed approval: who allowed it, and with what arguments where those were changed. */
      readonly type: 'call-allowed';
      readonly at: IsoTime;
      readonly turn: number;
      readonly callId: string;
      readonly by: Actor;
      readonly text: string;
    }
  | {
      readonly type: 'tool-started';
      readonly at: IsoTime;
      readonly turn: number;
      readonly callId: string;
      readonly name: string;
      readonly attempt: number;
    }
  | {
      readonly type: 'tool-moved';
      readonly at: IsoTime;
      readonly turn: number;
      readonly callId: string;
      readonly name: string;
      readonly progress: StepProgress;
    }
  | {
      readonly type: 'tool-finished';
      readonly at: IsoTime;
      readonly turn: number;
      readonly callId: string;
      readonly name: string;
      readonly outcome: ToolOutcome;
    }
  | {
      readonly type: 'observation-recorded';
      readonly at: IsoTime;
      readonly turn: number;
      readonly summary: string;
      readonly markers: readonly string[];
    }
  | {
      readonly type: 'planned';
      readonly at: IsoTime;
      readonly turn: number;
      readonly reason: PlanReason;
      readonly subgoals: readonly Subgoal[];
    }
  | ({
      readonly type: 'judged';
      readonly at: IsoTime;
      readonly turn: number;
      readonly reasons: readonly string[];
    } & Verdict)
  | {
      readonly type: 'loop-detected';
      readonly at: IsoTime;
      readonly turn: number;
      readonly finding: LoopFinding;
      readonly step: 'tell' | 'ask' | 'block';
    }
  | {
      /** What the agent says to the person; `channel`: where the newest message came from. Told again, it is the same `seq`. */
      readonly type: 'replied';
      readonly at: IsoTime;
      readonly turn: number;
      readonly seq: number;
      readonly text: string;
      readonly channel?: string;
    }
  | {
      readonly type: 'memory-updated';
      readonly at: IsoTime;
      readonly turn: number;
      readonly written: number;
      readonly texts: readonly string[];
    }
  | {
      readonly type: 'stage-failed';
      readonly at: IsoTime;
      readonly turn: number;
      readonly stage: string;
      readonly message: string;
      readonly attempt: number;
    }
  | {
      readonly type: 'ended';
      readonly at: IsoTime;
      readonly turn: number;
      readonly status: TaskStatus;
      readonly result: Json;
    };

/**
 * An event with its place in the stream: its number among the task's events, from 1, and its offset; give the offset back
 * to resume after it. When Redis has lost the stream, numbers begin anew at 1; offsets go on.
 */
export type PublishedEvent = TaskEvent & { readonly offset: string; readonly number: number };

/** Events of these numbers are kept no more; `to` is null where nobody knows how many they were: Redis lost the stream. */
export interface GapEvent {
  readonly type: 'gap';
  readonly at: IsoTime;
  readonly from: number;
  readonly to: number | null;
  readonly offset: string;
}

/** Where the task stands at this moment, for a reader who missed how it got there. */
export interface SnapshotEvent {
  readonly type: 'snapshot';
  readonly at: IsoTime;
  readonly turn: number;
  readonly status: TaskStatus;
  readonly plan: Plan;
  readonly questions: readonly Question[];
  readonly approvals: readonly Approval[];
  readonly spent: Spent;
  readonly offset: string;
}

/** What a reader of a task's events is given. A gap is followed by a snapshot where a worker is up to tell one. */
export type WatchedEvent = PublishedEvent | GapEvent | SnapshotEvent;
