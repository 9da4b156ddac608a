import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Client, WorkflowHandle } from '@temporalio/client';
import type { NativeConnection, WorkflowBundleOption } from '@temporalio/worker';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { getClient, activityInfo } from '@temporalio/activity';
import type { TaskRef } from '../../contracts/ids.ts';
import type { Json } from '../../contracts/json.ts';
import type { MessageReceipt, TaskMessageName, TaskMessages } from '../../contracts/messages.ts';
import { searchAttributes } from '../../contracts/search-attributes.ts';
import type { Stages } from '../../contracts/stages.ts';
import type { Actor } from '../../contracts/transcript.ts';
import type { AgentTaskInput, AgentTaskResult, StatusKind, TaskProgress } from '../../contracts/task.ts';
import { workflowBundle } from '../../worker/workflow-bundle.ts';
import type { agentTask } from '../../workflows/agent-task.ts';
import { progressQuery, signalOf, updateOf } from '../../workflows/messages.ts';
import type { FakeStages, FakeStagesOptions } from './fake-stages.ts';
import { createFakeStages } from './fake-stages.ts';

/** The workflows as they are now, bundled once however many test files ask. */
export async function testBundle(): Promise<WorkflowBundleOption> {
  return workflowBundle({ cacheDir: join(tmpdir(), 'waymark-test-bundles') });
}

/** Keeps the worker's own chatter out of the test report. */
export function quietRuntime(): void {
  Runtime.install({
    logger: new DefaultLogger('ERROR', () => undefined),
    telemetryOptions: { logging: { filter: 'ERROR', forward: {} } },
  });
}

/** The parts of a `send`, `pause`, … that a test cares about. */
export type Unsigned<Name extends TaskMessageName> = Omit<TaskMessages[Name], 'id' | 'by'> & {
  readonly id?: string;
  readonly by?: Actor;
};

/** A task under test, and how one talks to it. */
export interface TalkingTask {
  readonly id: string;
  readonly handle: WorkflowHandle<typeof agentTask>;
  update<Name extends TaskMessageName>(name: Name, message: Unsigned<Name>): Promise<MessageReceipt>;
  signal<Name extends TaskMessageName>(name: Name, message: Unsigned<Name>): Promise<void>;
  progress(): Promise<TaskProgress>;
  /** Its progress once it has that status; asks again until then. */
  until(status: StatusKind, holds?: (progress: TaskProgress) => boolean): Promise<TaskProgress>;
  result(): Promise<AgentTaskResult>;
  /** Names of the history's event types. */
  events(): Promise<string[]>;
}

/** A task over fake stages of its own. */
export type TestTask = FakeStages & TalkingTask;

/** How a task is started, beside its stages. */
export interface StartOptions {
  readonly input?: Json;
  readonly type?: string;
  /** The client sets the agent's search attribute at the start. */
  readonly shown?: boolean;
  /** Milliseconds; beyond 0.8 of it the worker tells the server that a local stage still runs. Default 10,000. */
  readonly workflowTaskTimeout?: number;
}

export interface WorkflowWorld {
  readonly taskQueue: string;
  /** Ends the worker, does something while none is up, and starts another, which knows nothing of the tasks. */
  readonly changeWorkers: (meanwhile: () => Promise<void>) => Promise<void>;
  /** Runs regular activities of another task queue, too. */
  readonly workOn: (taskQueue: string) => Promise<void>;
  /** Starts a task of its own fake stages. */
  readonly start: (options: FakeStagesOptions & StartOptions) => Promise<TestTask>;
  stop(): Promise<void>;
}

export const SOMEONE = { kind: 'person', id: 'ada@example.com' } as const;
const TENANT = 'default';
const PATIENCE_MS = 20_000;

/** A real worker over fake stages: each task has its own. */
export async function openWorkflowWorld(server: {
  readonly client: Client;
  readonly nativeConnection: NativeConnection;
  readonly maxCachedWorkflows?: number;
}): Promise<WorkflowWorld> {
  const { client } = server;
  const taskQueue = `test-${process.pid}`;
  const fakes = new Map<string, Stages>();
  const { nativeConnection: connection } = server;
  const activities = { ...dispatch(fakes) };
  const run = (worker: Worker) => {
    const running = worker.run();
    return async () => {
      worker.shutdown();
      await running;
    };
  };
  const startWorker = async () => {
    const worker = await Worker.create({
      connection,
      taskQueue,
      workflowBundle: await testBundle(),
      activities,
      stickyQueueScheduleToStartTimeout: '1s',
      // A second thread would load all code again.
      workflowThreadPoolSize: 1,
      ...(server.maxCachedWorkflows === undefined ? {} : { maxCachedWorkflows: server.maxCachedWorkflows }),
    });
    return run(worker);
  };
  let stopWorker = await startWorker();
  const others: (() => Promise<void>)[] = [];
  let count = 0;
  return {
    taskQueue,
    changeWorkers: async (meanwhile) => {
      await stopWorker();
      await meanwhile();
      stopWorker = await startWorker();
    },
    workOn: async (queue) => void others.push(run(await Worker.create({ connection, taskQueue: queue, activities }))),
    start: async ({ input = 'please', type = 'fake', shown = false, workflowTaskTimeout, ...options }) => {
      count += 1;
      const key = `task-${count}`;
      const start: AgentTaskInput = { tenant: TENANT, agent: 'fake', key, input, startedBy: SOMEONE };
      const fake = createFakeStages({
        ...options,
        replace: (plain) => ({ requestCancellation: cancelForReal, ...options.replace?.(plain) }),
      });
      fakes.set(`fake:${key}`, fake.stages);
      const handle = await client.workflow.start<typeof agentTask>(type, {
        workflowId: `fake:${key}`,
        taskQueue,
        args: [start],
        ...(workflowTaskTimeout === undefined ? {} : { workflowTaskTimeout }),
        ...(shown ? { typedSearchAttributes: [{ key: searchAttributes.agent, value: 'fake' }] } : {}),
      });
      return { ...fake, ...talkTo(client.workflow.getHandle<typeof agentTask>(handle.workflowId)) };
    },
    stop: async () => {
      await Promise.all([stopWorker, ...others].map((stop) => stop()));
      await replayAll(client, [...fakes.keys()]);
    },
  };
}

export function talkTo(handle: WorkflowHandle<typeof agentTask>): TalkingTask {
  let sent = 0;
  const sign = <Name extends TaskMessageName>(message: Unsigned<Name>) => {
    sent += 1;
    return { id: `m${sent}`, by: SOMEONE, ...message };
  };
  const progress = (): Promise<TaskProgress> => handle.query(progressQuery);
  return {
    id: handle.workflowId,
    handle,
    update: async <Name extends TaskMessageName>(name: Name, message: Unsigned<Name>) => {
      const signed: { readonly id: string } = sign(message);
      return handle.executeUpdate(updateOf(name), { args: [parsed<Name>(signed)], updateId: signed.id });
    },
    signal: async <Name extends TaskMessageName>(name: Name, message: Unsigned<Name>) =>
      handle.signal(signalOf(name), parsed<Name>(sign(message))),
    progress,
    until: async (status: StatusKind, holds: (progress: TaskProgress) => boolean = () => true) => {
      const started = Date.now();
      for (;;) {
        const present = await progress();
        if (present.status.kind === status && holds(present)) return present;
        if (Date.now() - started > PATIENCE_MS) {
          throw new Error(`still ${JSON.stringify(present)} where ${status} was awaited`);
        }
        await delay(20);
      }
    },
    result: () => handle.result(),
    events: async () => {
      const { events } = await handle.fetchHistory();
      return (events ?? []).map((event) => Object.keys(event).find((name) => name.endsWith('Attributes')) ?? '');
    },
  };
}

/** Whatever the tests of a file have made workflows do, today's workflows do it again the same way. */
export async function replayAll(client: Client, workflowIds: readonly string[]): Promise<void> {
  const histories = async function* () {
    for (const workflowId of workflowIds) {
      yield { workflowId, history: await client.workflow.getHandle(workflowId).fetchHistory() };
    }
  };
  const broken: string[] = [];
  const results = Worker.runReplayHistories({ workflowBundle: await testBundle() }, histories());
  for await (const { workflowId, error } of results) if (error) broken.push(`${workflowId}: ${error.message}`);
  if (broken.length > 0)
    throw new Error(`${broken.length} of ${workflowIds.length} do not replay:\n${broken.join('\n')}`);
}

/** A signed message: what the type system cannot see through a generic `Omit`. */
function parsed<Name extends TaskMessageName>(signed: object): TaskMessages[Name] {
  return signed as TaskMessages[Name];
}

async function cancelForReal(): Promise<void> {
  const { workflowExecution } = activityInfo();
  await getClient()
    .workflow.getHandle(workflowExecution?.workflowId ?? '')
    .cancel();
}

function dispatch(fakes: ReadonlyMap<string, Stages>): Stages {
  const of = ({ task }: { readonly task: TaskRef }): Stages => {
    const stages = fakes.get(task.taskId);
    if (stages === undefined) throw new Error(`no stages for ${task.taskId}`);
    return stages;
  };
  return {
    describeAgent: (input) => of(input).describeAgent(input),
    refreshAgent: (input) => of(input).refreshAgent(input),
    captureInput: (input) => of(input).captureInput(input),
    assembleContext: (input) => of(input).assembleContext(input),
    inferNextAction: (input) => of(input).inferNextAction(input),
    executeTool: (input) => of(input).executeTool(input),
    recordObservation: (input) => of(input).recordObservation(input),
    extractMemories: (input) => of(input).extractMemories(input),
    updateMemory: (input) => of(input).updateMemory(input),
    summarizeTranscript: (input) => of(input).summarizeTranscript(input),
    plan: (input) => of(input).plan(input),
    critique: (input) => of(input).critique(input),
    evaluate: (input) => of(input).evaluate(input),
    projectTask: (input) => of(input).projectTask(input),
    awaitMemory: (input) => of(input).awaitMemory(input),
    notify: (input) => of(input).notify(input),
    recallDecisions: (input) => of(input).recallDecisions(input),
    rememberDecision: (input) => of(input).rememberDecision(input),
    requestCancellation: (input) => of(input).requestCancellation(input),
  };
}
