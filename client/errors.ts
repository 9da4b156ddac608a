import type { RefusalCode } from '../contracts/messages.ts';

/** What a service may have to tell apart. */
export type WaymarkErrorCode =
  | 'InvalidInput'
  | 'TaskNotFound'
  | 'Refused'
  | 'Unreachable'
  /** Temporal's limits are reached for the moment: the same call may succeed later. */
  | 'Busy'
  | 'NoWorker'
  | 'TaskFailed'
  | 'TaskCancelled'
  | 'LinkInvalid'
  | 'LinkExpired'
  /** The caller has given up, by its own signal. */
  | 'Aborted'
  /** `result({ waitMs })`: the task has not ended yet. */
  | 'StillOpen'
  /** A fault that is nobody else's: worth a report. */
  | 'Unexpected';

/** Every error of the client: what happened, to which task, what to do. */
export class WaymarkError extends Error {
  override readonly name = 'WaymarkError';
  readonly code: WaymarkErrorCode;
  /** Of `Refused`: why a task refused a message, where it was the task that did. */
  readonly refusal?: RefusalCode;

  constructor(
    code: WaymarkErrorCode,
    message: string,
    options: ErrorOptions & { readonly refusal?: RefusalCode } = {},
  ) {
    super(message, options);
    this.code = code;
    if (options.refusal !== undefined) this.refusal = options.refusal;
  }
}
