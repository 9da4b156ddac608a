import type { ConnectedWaymark } from '../../client/index.ts';
import { connectWaymark } from '../../client/index.ts';
import { DEFAULT_TENANT } from '../../contracts/ids.ts';
import type { Session } from '../session.ts';
import type { FoundSurroundings } from './surroundings.ts';
import { findSurroundings } from './surroundings.ts';

/** A client for one command, and where it is connected to. */
export interface OpenTasks {
  readonly waymark: ConnectedWaymark;
  readonly surroundings: FoundSurroundings;
}

/** Connects, works, and closes whatever happens. */
export async function withTasks<Result>(
  session: Session,
  { tenant = session.tenant ?? DEFAULT_TENANT }: { readonly tenant?: string },
  work: (tasks: OpenTasks) => Promise<Result>,
): Promise<Result> {
  const surroundings = await findSurroundings(session.env);
  const { temporal, redisUrl, config } = surroundings;
  const waymark = await connectWaymark({
    temporal: { ...temporal.connection, namespace: temporal.namespace },
    redisUrl,
    tenant,
    taskQueue: config.taskQueue,
    searchAttributes: config.searchAttributes,
    actor: session.actor,
    roles: session.roles,
    ...(config.links.key === undefined ? {} : { linkKey: config.links.key }),
    ...(config.links.base === undefined ? {} : { linkBase: config.links.base }),
  });
  try {
    return await work({ waymark, surroundings });
  } finally {
    await waymark.close();
  }
}
