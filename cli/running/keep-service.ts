import { openService } from './open-service.ts';
import type { ServiceSettings } from './open-service.ts';
import type { Session } from '../session.ts';
import { untilStopped } from '../terminal/until-stopped.ts';

/** Runs the HTTP service until it is asked to stop. */
export async function keepService(session: Session, settings: ServiceSettings): Promise<void> {
  const stopped = untilStopped();
  const service = await openService(session, settings);
  const { url, keyed } = service;
  const served =
    settings.only === 'mcp'
      ? `MCP is served at ${session.paint.strong(`${url}/mcp`)}.`
      : `Waymark is served at ${session.paint.strong(url)}: pages at /inbox, the interface at /openapi.json, MCP at /mcp.`;
  session.answer({ url, keyed, pid: process.pid }, () => [
    served,
    keyed ? 'Requests need a key.' : 'Anybody on this machine may use it: there are no keys.',
  ]);
  await stopped;
  await service.stop();
}
