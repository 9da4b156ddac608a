import type { Dialect } from './providers.ts';

/** Which server was asked for which model. */
export interface ModelTarget {
  readonly baseURL: string;
  readonly model: string;
  /** Default: that of a server at this address, as far as it is known. */
  readonly dialect?: Dialect;
  /** Kept out of every message. */
  readonly apiKey?: string;
  /** Had the server begun to answer when it went wrong? Default: no. */
  readonly began?: boolean;
}
