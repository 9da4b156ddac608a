import { openService } from './open-service.ts';
import type { ServiceSettings } from './open-service.ts';
import type { Session } from './session.ts';
import { untilStopped } from './until-stopped.ts';

/** Runs the HTTP service until it is asked to stop. */
export async function keepService(session: Session, settings: ServiceSettings): Promise<void> {
  const service = await openService(session, settings);
  const { url, keyed } = service;
  session.answer({ url, keyed, pid: process.pid }, () => [
    `Waymark is served at ${session.paint.strong(url)}, described at ${url}/openapi.json.`,
    keyed ? 'Requests need a key.' : 'Anybody on this machine may use it: there are no keys.',
  ]);
  await untilStopped();
  await service.stop();
}
