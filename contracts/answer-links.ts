import type { IsoTime } from './json.ts';

/** What a link to the answer page says. */
export interface LinkClaims {
  readonly tenant: string;
  readonly taskId: string;
  readonly requestId: string;
  /** When the request was made, so that a later one of the same id is not meant. */
  readonly askedAt: IsoTime;
  /** For whom the link was made: who answers by it. */
  readonly for: string;
  readonly expires: IsoTime;
}

/** The address where one person answers one request, from now on for as long as links are good. */
export type AnswerUrl = (request: Omit<LinkClaims, 'expires'>) => string;
