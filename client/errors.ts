/** What a service may have to tell apart. */
export type WaymarkErrorCode =
  | 'InvalidInput'
  | 'TaskNotFound'
  | 'Refused'
  | 'Unreachable'
  | 'NoWorker'
  | 'TaskFailed'
  | 'TaskCancelled'
  | 'LinkInvalid'
  | 'LinkExpired';

/** Every error of the client: what happened, to which task, what to do. */
export class WaymarkError extends Error {
  override readonly name = 'WaymarkError';
  readonly code: WaymarkErrorCode;

  constructor(code: WaymarkErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
