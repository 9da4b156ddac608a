import type { TemporalConnection } from './environment.ts';
import type { StackState } from './stack-state.ts';
import type { SearchAttributeTypeName } from './temporal-answers.ts';

/** The servers that make up a stack. */
export type StackPart = 'temporal' | 'redis';

/** A Temporal server to work with. */
export interface TemporalPart {
  address: string;
  namespace: string;
  /** Everything a connection needs: the address, and TLS, API key and metadata where environment names them. */
  connection: TemporalConnection;
  uiUrl?: string;
  version: string;
  /** Where it came from, for people. */
  source: string;
  /** Whether closing the stack ends it. */
  owned: boolean;
}

/** A Redis server with search and JSON to work with. */
export interface RedisPart {
  /** May hold a password where `REDIS_URL` does. */
  url: string;
  version: string;
  /** Where it came from, for people. */
  source: string;
  /** Whether closing the stack ends it. */
  owned: boolean;
}

/** What opening a stack was told, with every default filled in. */
export interface StackSettings {
  dataDir: string;
  env: NodeJS.ProcessEnv;
  say: (line: string) => void;
  ui: boolean;
  searchAttributes: Record<string, SearchAttributeTypeName>;
}

/** The ways to come by one part of the stack, in the order in which they are tried. */
export interface PartOpener<Part> {
  /** Takes the server that environment names; refuses one that does not answer. */
  named: () => Promise<Part | undefined>;
  /** Takes the server that another process runs from this data folder. */
  running: (state: StackState) => Promise<Part | undefined>;
  /** Makes sure that the program is there, which may mean to fetch it. */
  findProgram: () => Promise<void>;
  /** Starts a server and notes it in `state`; only under the stack's lock. */
  start: (state: StackState) => Promise<Part>;
  /** Ends the server that `start` started, if it did. */
  stop: () => Promise<void>;
  /** Takes the server that `start` started out of `state`. */
  forget: (state: StackState) => void;
  /** One line for people. */
  describe: (part: Part) => string;
}
