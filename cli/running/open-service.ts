import { hkdfSync, randomBytes } from 'node:crypto';
import { Client } from '@temporalio/client';
import { pino } from 'pino';
import { createWaymark } from '../../client/index.ts';
import type { Waymark } from '../../client/index.ts';
import { DEFAULT_TENANT } from '../../contracts/ids.ts';
import { openMemory } from '../../memory/index.ts';
import type { OpenMemory } from '../../memory/index.ts';
import type { LimitSettings, MemorySearch, RunningService } from '../../serve/index.ts';
import { createLimits, createWebhookTargets, openKeyRing, parseKeys, startService } from '../../serve/index.ts';
import { loadAgents } from '../../worker/agent-registry.ts';
import { connectTemporal } from '../reaching/connect-temporal.ts';
import { embedderOf, hasMemories } from '../memory/open-memories.ts';
import type { Session } from '../session.ts';
import type { FoundSurroundings } from '../reaching/surroundings.ts';
import { findSurroundings } from '../reaching/surroundings.ts';
import { packageVersion } from '../version.ts';

/** What of a session a service needs. */
export type ServiceSession = Pick<Session, 'env' | 'tenant' | 'actor' | 'roles' | 'say'>;

export interface ServiceSettings {
  readonly host: string;
  readonly port: number;
  readonly limits: LimitSettings;
  readonly only?: 'mcp' | undefined;
}

/** Starts the HTTP service over the Temporal and Redis that the environment names. */
export async function openService(
  session: ServiceSession,
  { host, port, limits, only }: ServiceSettings,
): Promise<RunningService> {
  const surroundings = await findSurroundings(session.env);
  const { config } = surroundings;
  const fixed = config.serve.keys === undefined ? [] : parseKeys(config.serve.keys, 'WAYMARK_SERVE_KEYS');
  const open = await openTenants(session, surroundings);
  try {
    const service = await startService({
      host,
      port,
      only,
      keyRing: openKeyRing({ file: config.serve.keyFile, fixed }),
      local: {
        actor: session.actor,
        roles: session.roles,
        ...(session.tenant === undefined ? {} : { tenant: session.tenant }),
      },
      waymarkOf: open.waymarkOf,
      agents: await loadAgents(config),
      memories: open.memories,
      limits: createLimits(open.memory.redis, limits),
      webhooks: {
        secrets: config.serve.webhookSecrets,
        tenant: session.tenant ?? DEFAULT_TENANT,
        targets: createWebhookTargets(open.memory.redis),
      },
      log: pino({ level: config.logLevel }, pino.destination({ fd: 2, sync: true })),
      version: packageVersion(),
      events: open.memory.events,
      secret: sessionSecret(config.links.key),
      secure: config.links.base?.startsWith('https:') ?? false,
    });
    return {
      ...service,
      stop: async () => {
        await service.stop();
        await open.close();
      },
    };
  } catch (error) {
    await open.close();
    throw error;
  }
}

/** Signs sessions: from the key of links, so that several services share them; or they end with this process. */
function sessionSecret(linkKey: string | undefined): string {
  if (linkKey === undefined) return randomBytes(32).toString('hex');
  return Buffer.from(hkdfSync('sha256', linkKey, '', 'waymark-session', 32)).toString('hex');
}

export interface OpenTenants {
  readonly waymarkOf: (tenant: string) => Waymark;
  readonly memories: MemorySearch;
  readonly memory: OpenMemory;
  close(): Promise<void>;
}

/** One connection to Temporal and one to Redis, for all tenants. */
export async function openTenants(session: ServiceSession, surroundings: FoundSurroundings): Promise<OpenTenants> {
  const { temporal, redisUrl, config } = surroundings;
  const connection = await connectTemporal(temporal.connection);
  const memory = await openMemory({
    redisUrl,
    embedder: embedderOf(config.embeddings, config, session),
    otherEmbedders: config.otherEmbeddings.map((setting) => embedderOf(setting, config, session)),
  });
  const client = new Client({ connection, namespace: temporal.namespace });
  return {
    memory,
    waymarkOf: (tenant) =>
      createWaymark({
        temporal: client,
        address: temporal.connection.address,
        events: memory.events,
        records: memory.records,
        transcripts: memory.transcripts,
        ...(config.links.key === undefined ? {} : { linkKey: config.links.key }),
        ...(config.links.base === undefined ? {} : { linkBase: config.links.base }),
        taskQueue: config.taskQueue,
        searchAttributes: config.searchAttributes,
        tenant,
        actor: session.actor,
      }),
    memories: {
      recall: async (tenant, query) =>
        (await hasMemories(memory.redis, tenant)) ? memory.memories.recall(tenant, query) : [],
    },
    close: async () => {
      await memory.close();
      await connection.close();
    },
  };
}
