import { after, before } from 'node:test';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { searchAttributeTypes } from '../../contracts/search-attributes.ts';
import { startTestTemporal } from './servers.ts';
import { openWorkflowWorld, quietRuntime } from './workflow-world.ts';
import type { WorkflowWorld } from './workflow-world.ts';

/** A development server with Waymark's search attributes, and who talks to it. */
export interface DevServer {
  readonly address: string;
  readonly client: Client;
  readonly connection: Connection;
  readonly nativeConnection: NativeConnection;
  stop(): Promise<void>;
}

export async function openDevServer(): Promise<DevServer> {
  const server = await startTestTemporal({ searchAttributes: { ...searchAttributeTypes } });
  const { address } = server;
  const connection = await Connection.connect({ address });
  const nativeConnection = await NativeConnection.connect({ address });
  return {
    address,
    client: new Client({ connection }),
    connection,
    nativeConnection,
    stop: async () => {
      await nativeConnection.close();
      await connection.close();
      await server.stop();
    },
  };
}

/** One development server and a worker over fake stages, for all tests of a file. */
export function useDevServerWorld(
  options: { readonly maxCachedWorkflows?: number } = {},
): () => DevServer & Omit<WorkflowWorld, 'stop'> {
  quietRuntime();
  let opened: (DevServer & Omit<WorkflowWorld, 'stop'>) | undefined;
  let stop = async (): Promise<void> => undefined;
  before(async () => {
    const server = await openDevServer();
    const tasks = await openWorkflowWorld({ ...server, ...options });
    opened = { ...tasks, ...server };
    stop = async () => {
      await tasks.stop();
      await server.stop();
    };
  });
  after(() => stop());
  return () => {
    if (opened === undefined) throw new Error('the world opens before the first test');
    return opened;
  };
}
