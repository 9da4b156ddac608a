import { after, before } from 'node:test';
import type { FakeStagesOptions } from './fake-stages.ts';
import { startTimeSkipping } from './servers.ts';
import { openWorkflowWorld, quietRuntime } from './workflow-world.ts';
import type { StartOptions, TestTask } from './workflow-world.ts';

/** What a test file on the time-skipping server works with. */
export interface SkippingWorld {
  start(options: FakeStagesOptions & StartOptions): Promise<TestTask>;
  /** Lets that much time pass, as fast as nothing keeps the server busy. */
  pass(duration: '2 hours' | '61 hours' | '3 days' | '31 days' | '40 days'): Promise<void>;
  /** The server's own time. */
  now(): Promise<number>;
}

/** One time-skipping server and worker for all tests of a file. */
export function useTimeSkippingWorld(): SkippingWorld {
  quietRuntime();
  let opened: Promise<Awaited<ReturnType<typeof open>>> | undefined;
  const world = () => (opened ??= open());
  before(async () => void (await world()));
  after(async () => {
    const { tasks, server } = await world();
    await tasks.stop();
    await server.stop();
  });
  return {
    start: async (options) => (await world()).tasks.start(options),
    pass: async (duration) => (await world()).server.sleep(duration),
    now: async () => (await world()).server.currentTimeMs(),
  };
}

async function open() {
  const server = await startTimeSkipping();
  return { server, tasks: await openWorkflowWorld(server) };
}
