import { temporalFromEnvironment } from './environment.ts';
import { temporalIsLive, untilGone } from './liveness.ts';
import { namedTemporal } from './named-servers.ts';
import { identityOf } from './process-identity.ts';
import { findTemporal } from './programs.ts';
import type { Found } from './programs.ts';
import type { PartOpener, StackSettings, TemporalPart } from './stack-parts.ts';
import { startTemporal } from './start-temporal.ts';
import type { RunningTemporal } from './start-temporal.ts';
import { registerSearchAttributes } from './temporal-answers.ts';

/** The ways to come by a Temporal server. */
export function temporalOpener(settings: StackSettings): PartOpener<TemporalPart> {
  const { dataDir, env, ui, searchAttributes } = settings;
  let found: Found<string> | undefined;
  let own: RunningTemporal | undefined;
  return {
    async named() {
      const server = await namedTemporal(env);
      return server && { ...server, address: server.connection.address, owned: false };
    },

    async running({ temporal: record }) {
      if (!record || !(await temporalIsLive(record))) return undefined;
      const { address, namespace, uiUrl, version, owner } = record;
      const connection = { address };
      await registerSearchAttributes({ connection, namespace, searchAttributes });
      const source = `already running, started by process ${owner.pid}`;
      return { address, namespace, connection, version, source, owned: false, ...(uiUrl !== undefined && { uiUrl }) };
    },

    async findProgram() {
      found ??= await findTemporal(settings);
    },

    async start(state) {
      if (state.temporal) await untilGone(state.temporal);
      const { program, source } = (found ??= await findTemporal(settings));
      const { ports } = state;
      own = await startTemporal({
        program,
        dataDir,
        env,
        searchAttributes,
        headless: !ui,
        namespace: temporalFromEnvironment(env).namespace,
        ...(ports.temporal !== undefined && { port: ports.temporal }),
        ...(ports.temporalUi !== undefined && { uiPort: ports.temporalUi }),
      });
      const { address, namespace, version, uiUrl, port, uiPort } = own;
      const shared = { address, namespace, version, source, ...(uiUrl !== undefined && { uiUrl }) };
      state.temporal = { ...shared, server: identityOf(own.pid), owner: identityOf(process.pid) };
      ports.temporal = port;
      if (uiPort !== undefined) ports.temporalUi = uiPort;
      return { ...shared, connection: { address }, owned: true };
    },

    async stop() {
      await own?.stop();
    },

    forget(state) {
      if (own && state.temporal?.server.pid === own.pid) delete state.temporal;
    },

    describe: ({ version, address, source, uiUrl }) =>
      `Temporal ${version} at ${address}: ${source}${uiUrl === undefined ? '' : `; UI at ${uiUrl}`}`,
  };
}
