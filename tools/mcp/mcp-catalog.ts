import type { McpListing } from './mcp-list.ts';

/** After which a server is asked again what it has, though nothing says that it has changed. */
const LISTED_FOR_MS = 5 * 60_000;

/** How long those who know an older list wait for a new one. */
const MOST_WAIT_MS = 5_000;

/** How long an older list is good after a server could not be asked for a new one. */
const LEFT_ALONE_MS = 15_000;

/** What is known of a server's tools. It is asked again for each new connection, on doubt, and now and then. */
export interface McpCatalog {
  /** The list at hand. While a server is away, what it once had is offered on: who does not need it is not held up. */
  current(): Promise<McpListing>;
  /** The list as the server gives it now. @throws where it does not answer */
  renewed(): Promise<McpListing>;
  /** Something the server has said does not go with the list: it is asked before the list is used again. */
  doubt(): void;
  /** The last list; `undefined` before the first. */
  known(): McpListing | undefined;
}

export interface McpCatalogParts {
  /** Asks the server, over a connection that is made where there is none. */
  readonly list: () => Promise<McpListing>;
  /** Grows with each new connection. */
  readonly connections: () => number;
  readonly now?: () => number;
}

interface Known {
  readonly listing: McpListing;
  readonly at: number;
  readonly connection: number;
  readonly doubts: number;
}

export function createMcpCatalog({ list, connections, now = Date.now }: McpCatalogParts): McpCatalog {
  let known: Known | undefined;
  let doubts = 0;
  let failedAt = -Infinity;
  let asking: Promise<McpListing> | undefined;

  const ask = async (): Promise<McpListing> => {
    const before = doubts;
    try {
      const listing = await list();
      known = { listing, at: now(), connection: connections(), doubts: before };
      return listing;
    } catch (error) {
      failedAt = now();
      throw error;
    } finally {
      asking = undefined;
    }
  };
  const renewed = (): Promise<McpListing> => (asking ??= ask());

  const isDue = ({ at, connection, doubts: heard }: Known): boolean => {
    if (now() - failedAt < LEFT_ALONE_MS) return false;
    return heard !== doubts || connection !== connections() || now() - at > LISTED_FOR_MS;
  };

  return {
    current: async () => {
      if (known === undefined) return renewed();
      const { listing } = known;
      return isDue(known) ? orAfter(renewed(), MOST_WAIT_MS, listing) : listing;
    },
    renewed,
    doubt: () => void (doubts += 1),
    known: () => known?.listing,
  };
}

async function orAfter<Result>(asked: Promise<Result>, ms: number, otherwise: Result): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<Result>((resolve) => {
    timer = setTimeout(() => resolve(otherwise), ms);
  });
  try {
    return await Promise.race([asked, patience]);
  } catch {
    return otherwise;
  } finally {
    clearTimeout(timer);
  }
}
