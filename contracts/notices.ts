import type { TaskRef } from './ids.ts';
import type { IsoTime } from './json.ts';
import type { OpenRequest } from './requests.ts';

/** Why somebody is told of a request. */
export const noticeKinds = ['reminder', 'escalation', 'delegation'] as const;
export type NoticeKind = (typeof noticeKinds)[number];

/** That somebody is to be told of a request; what the request says is asked of the task when it is sent. */
export interface DueNotice {
  /** Unique within the task, e.g. `q1.reminder.2`. */
  readonly id: string;
  readonly kind: NoticeKind;
  readonly requestId: string;
}

/** What a notifier sends. */
export interface Notice {
  /** The same for every attempt of this notice by this notifier, and for no other. */
  readonly idempotencyKey: string;
  readonly kind: NoticeKind;
  /** Whom to tell; absent where the request is for nobody in particular. */
  readonly to?: string;
  readonly tenant: string;
  readonly taskId: string;
  readonly agent: string;
  readonly subject?: string;
  readonly goal: string;
  readonly request: OpenRequest;
  /** Where it can be answered, where links are set up. */
  readonly link?: string;
  readonly at: IsoTime;
}

/** A way to tell people. `send` throws where it did not get through; Temporal tries again. */
export interface Notifier {
  /** Lower case, digits and dashes; unique in a worker. */
  readonly name: string;
  send(notice: Notice, options: { readonly signal: AbortSignal }): Promise<void>;
}

export interface NotifyInput {
  readonly task: TaskRef;
  readonly notifier: string;
  readonly notice: DueNotice;
  /** Tells this task from an earlier one of the same id. */
  readonly taskStartedAt: IsoTime;
}

/** Notifiers of a worker that says nothing else: the worker's own log. */
export const DEFAULT_NOTIFIERS: readonly string[] = ['log'];
