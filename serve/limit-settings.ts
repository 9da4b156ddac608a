/** How much is taken in a minute, and how many streams are open at once. */
export interface LimitSettings {
  /** Requests of one key. */
  readonly requests: number;
  /** Messages to one task, whoever sends them: each stays in its history and wakes it. */
  readonly messages: number;
  /** Event streams open at once, of one key in this process. */
  readonly streams: number;
  /** Requests from one address that carried no valid key. */
  readonly strangers: number;
}

export const DEFAULT_LIMITS: LimitSettings = { requests: 600, messages: 60, streams: 50, strangers: 60 };
