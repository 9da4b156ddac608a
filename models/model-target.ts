/** Which server was asked for which model. */
export interface ModelTarget {
  readonly baseURL: string;
  readonly model: string;
  /** Kept out of every message. */
  readonly apiKey?: string;
  /** Had the server begun to answer when it went wrong? Default: no. */
  readonly began?: boolean;
}
