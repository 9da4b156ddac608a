import { DEFAULT_TENANT } from '../../contracts/ids.ts';
import type { Right } from '../../serve/index.ts';
import { createLimits, serveStdio } from '../../serve/index.ts';
import { loadAgents } from '../../worker/agent-registry.ts';
import { openTenants } from './open-service.ts';
import type { Session } from '../session.ts';
import { findSurroundings } from '../reaching/surroundings.ts';
import { packageVersion } from '../version.ts';

/** Speaks MCP on standard input and output until the assistant goes. */
export async function keepStdio(session: Session, rights: readonly Right[]): Promise<void> {
  const surroundings = await findSurroundings(session.env);
  const open = await openTenants(session, surroundings);
  try {
    const { waymarkOf, memories, memory } = open;
    const agents = await loadAgents(surroundings.config);
    const desk = { waymarkOf, memories, agents, limits: createLimits(memory.redis) };
    const { tenant = DEFAULT_TENANT, roles } = session;
    const actor = { kind: 'agent', id: session.actor.id } as const;
    await serveStdio(desk, { id: 'stdio', tenant, rights, actor, roles }, packageVersion());
  } finally {
    await open.close();
  }
}
