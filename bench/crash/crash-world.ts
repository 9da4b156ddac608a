import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { createWaymark } from '../../client/index.ts';
import type { Waymark } from '../../client/index.ts';
import { keys } from '../../contracts/keys.ts';
import { searchAttributeTypes } from '../../contracts/search-attributes.ts';
import { startCustomerService } from '../../examples/customer-service/index.ts';
import type { Ledger } from '../../examples/customer-service/ledger.ts';
import { ensurePrograms, startRedis, startTemporal } from '../../local/index.ts';
import { connectRedis, createEventLog } from '../../memory/index.ts';
import type { RunOptions } from '../benchmark.ts';
import type { CrashSettings } from './crash-messages.ts';
import type { Strike } from './cells.ts';
import type { CrashWorker } from './crash-worker-process.ts';
import { startCrashWorker } from './crash-worker-process.ts';

/** Servers that can be killed, with all they wrote to the disk; and the service whose ledger counts the effects. */
export interface CrashWorld {
  readonly waymark: Waymark;
  readonly ledger: Ledger;
  readonly serviceUrl: string;
  startWorker(): Promise<CrashWorker>;
  /** Sets how Redis writes its append-only file. */
  setUp(strike: Strike): Promise<void>;
  /** Strikes the servers: killed ones are there again when this returns. */
  strike(strike: Strike): Promise<void>;
  /** How the ledger of claims has a call settled; `undefined` where it is not settled, or not there. */
  settledAs(taskId: string): Promise<string | undefined>;
  close(): Promise<void>;
}

export async function openCrashWorld(
  folder: string,
  { say, codePath }: Pick<RunOptions, 'say'> & Pick<CrashSettings, 'codePath'>,
): Promise<CrashWorld> {
  const programs = await ensurePrograms({ which: ['temporal', 'redis'], say });
  const onDisk = { dataDir: folder };
  const temporalOptions = { ...onDisk, program: programs.temporal, headless: true };
  const searchAttributes = { ...searchAttributeTypes };
  let temporal = await startTemporal({ ...temporalOptions, searchAttributes });
  let redis = await startRedis({ ...onDisk, server: programs.redis });
  const service = await startCustomerService({ dataDir: join(folder, 'customer-service'), warn: say });
  const { address, namespace } = temporal;
  const connection = await Connection.connect({ address });
  const client = new Client({ connection, namespace });
  const link = connectRedis({ url: redis.url });
  const events = createEventLog(link);
  const { url: serviceUrl } = service;
  const taskQueue = 'crash';
  const settings = { temporalAddress: address, namespace, redisUrl: redis.url, serviceUrl, taskQueue, codePath };
  return {
    waymark: createWaymark({ temporal: client, address, events, taskQueue }),
    ledger: service.ledger,
    serviceUrl,
    startWorker: () => startCrashWorker(settings),
    setUp: async ({ appendfsync = 'everysec' }) => void (await link.config('SET', 'appendfsync', appendfsync)),
    strike: async (strike) => {
      if (strike.redis === 'emptied') await link.flushall();
      if (strike.redis === 'killed') {
        process.kill(redis.pid, 'SIGKILL');
        await redis.stop();
        redis = await startRedis({ ...onDisk, server: programs.redis, port: redis.port });
      }
      if (strike.temporal === 'killed') {
        process.kill(temporal.pid, 'SIGKILL');
        await temporal.stop();
        temporal = await startTemporal({ ...temporalOptions, searchAttributes, port: temporal.port });
      }
    },
    settledAs: async (taskId) => {
      const claims = await link.hgetall(keys.claims({ tenant: 'default', taskId }));
      const [outcome] = Object.entries(claims).flatMap(([field, value]) => (field.endsWith(':outcome') ? [value] : []));
      return /"status":"(\w+)"/.exec(outcome ?? '')?.[1];
    },
    close: async () => {
      link.disconnect();
      await connection.close();
      await service.close();
      await redis.stop();
      await temporal.stop();
    },
  };
}
