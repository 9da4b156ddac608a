import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectWaymark } from '../../client/index.ts';
import type { TaskHandle } from '../../client/index.ts';
import type { WatchedEvent } from '../../contracts/events.ts';
import { scopesOf } from '../../contracts/memory.ts';
import type { TaskProgress, TaskStatus } from '../../contracts/task.ts';
import { ensureEmbeddingModel } from '../../local/index.ts';
import { openMemory } from '../../memory/index.ts';
import { openEmbeddingModel } from '../../worker/models.ts';
import { openHome } from '../running/home.ts';
import type { Home } from '../running/home.ts';
import { taskUrl } from '../reaching/task-url.ts';
import type { KillMoments } from './kill-moments.ts';
import { createKillMoments } from './kill-moments.ts';
import { assistantScenario } from './assistant-scenario.ts';
import { migrationScenario } from './migration-scenario.ts';
import { patientProgress } from './patient-progress.ts';
import { onboardingScenario } from './onboarding-scenario.ts';
import type { DemoReport } from './report.ts';
import { markersOf, problemsOf } from './report.ts';
import type { DemoName, Scenario } from './scenario.ts';
import { researchScenario } from './research-scenario.ts';
import { troubleshootingScenario } from './troubleshooting-scenario.ts';
import type { WorkerProcesses } from './worker-processes.ts';
import { createWorkerProcesses } from './worker-processes.ts';

const factories = {
  onboarding: onboardingScenario,
  troubleshooting: troubleshootingScenario,
  research: researchScenario,
  migration: migrationScenario,
  assistant: assistantScenario,
};

export interface DemoOptions {
  readonly name: DemoName;
  readonly env: NodeJS.ProcessEnv;
  /** Lines for people. */
  readonly say: (line: string) => void;
  readonly show: (event: WatchedEvent) => void;
  /** Milliseconds the scripted model takes, so that a person can follow. */
  readonly paceMs: number;
  /** Kills a worker in every turn, at moments that follow from this number. Default: one worker, once. */
  readonly killSeed?: number | undefined;
  /** Called at the end, while everything still runs. */
  readonly finished: (report: DemoReport, progress: TaskProgress) => Promise<void>;
}

/** One demonstration in progress. */
interface Show extends DemoOptions {
  /** When workers are killed, where it is in every turn. */
  readonly moments: KillMoments | undefined;
  readonly home: Home;
  readonly scenario: Scenario;
  readonly workers: WorkerProcesses;
  readonly tenant: string;
  /** How much of what is to be said has been. */
  readonly said: { count: number };
}

/**
 * Runs an agent through its whole life: it works, comes to a question or an approval, its worker is killed with
 * SIGKILL, another one starts, the person answers, and the task goes on from its progress markers to the end.
 */
export async function runDemo(options: DemoOptions): Promise<DemoReport> {
  const tenant = `demo-${Date.now().toString(36)}`;
  const folder = join('demo', tenant);
  const env = { ...options.env, WAYMARK_TASK_QUEUE: tenant };
  const home = await openHome({
    env,
    say: options.say,
    examplesFolder: folder,
    ownExamples: true,
    scriptedDelayMs: options.paceMs,
  });
  const workers = createWorkerProcesses(home, join(home.stack.dataDir, folder));
  try {
    const scenario = await factories[options.name](home);
    const moments = options.killSeed === undefined ? undefined : createKillMoments(options.killSeed);
    return await perform({ ...options, said: { count: 0 }, home, workers, scenario, tenant, moments });
  } finally {
    await workers.stop();
    await home.close();
  }
}

async function perform(show: Show): Promise<DemoReport> {
  const { home, scenario, say, workers, tenant } = show;
  const { temporal, redis } = home.stack;
  const waymark = await connectWaymark({
    temporal: { ...temporal.connection, namespace: temporal.namespace },
    redisUrl: redis.url,
    taskQueue: tenant,
    tenant,
    actor: { kind: 'person', id: scenario.person },
    searchAttributes: home.config.searchAttributes,
  });
  try {
    await workers.start();
    say(`Worker: process ${workers.pid()}`);
    const task = await waymark.start(scenario.agent, { input: scenario.input, key: 'example' });
    say(`Task: ${task.taskId}`);
    if (temporal.uiUrl) say(`Temporal UI: ${taskUrl(temporal.uiUrl, temporal.namespace, task.taskId)}`);
    await follow(show, task);
    return await report(show, task);
  } finally {
    await waymark.close();
  }
}

/** Watches the task to its end, and plays the person and the accident. */
async function follow(show: Show, task: TaskHandle): Promise<void> {
  const answered = new Set<string>();
  for await (const event of task.events()) {
    show.show(event);
    if (show.moments) await killInTurn(show, event);
    else if (show.workers.kills() === 0 && show.scenario.crashAt?.(event)) await crashAtWork(show, task);
    if (event.type === 'status' && event.status.kind === 'waiting') await help(show, task, event.status, answered);
    if (event.type === 'status' && event.status.kind === 'blocked') throw new Error(event.status.block.reason);
  }
}

/** The next thing to be said, to an agent that has replied. */
async function say({ scenario, said, say: tell }: Show, task: TaskHandle): Promise<void> {
  const next = scenario.messages?.[said.count];
  if (!next) return;
  said.count += 1;
  tell(`${scenario.person} writes by ${next.channel}: ${next.text}`);
  await task.send(next);
}

async function help(show: Show, task: TaskHandle, status: TaskStatus, answered: Set<string>): Promise<void> {
  if (status.kind !== 'waiting') return;
  if (show.workers.kills() === 0 && !show.scenario.crashAt && !show.moments) await crash(show, task);
  for (const question of status.for === 'question' ? status.questions : []) {
    if (answered.has(question.id)) continue;
    answered.add(question.id);
    const text = show.scenario.answer(question);
    show.say(`${show.scenario.person} answers ${question.id}: ${text}`);
    await task.answer({ questionId: question.id, text });
  }
  if (status.for === 'message') await say(show, task);
  for (const approval of status.for === 'approval' ? status.approvals : []) {
    if (answered.has(approval.callId)) continue;
    answered.add(approval.callId);
    const yes = show.scenario.approve(approval);
    show.say(`${show.scenario.person} ${yes ? 'approves' : 'rejects'} ${approval.tool} (${approval.callId})`);
    await (yes
      ? task.approve({ callId: approval.callId })
      : task.reject({ callId: approval.callId, reason: 'not in this demonstration' }));
  }
}

async function crash({ workers, say }: Show, task: TaskHandle): Promise<void> {
  // An answer from the workflow means that Temporal has written down what it waits for.
  await patientProgress(task);
  say(`The task waits. Its worker, process ${workers.pid()}, is killed with SIGKILL …`);
  await workers.kill();
  await workers.start();
  const { status, turn } = await patientProgress(task);
  say(
    `… and a new worker, process ${workers.pid()}, has taken over: the task is ${status.kind} in turn ${turn}, as before.`,
  );
}

/** At once, and not when it suits: the work has just been told to be under way. */
async function crashAtWork({ workers, say }: Show, task: TaskHandle): Promise<void> {
  say(`The task is at work. Its worker, process ${workers.pid()}, is killed with SIGKILL …`);
  await workers.kill();
  await workers.start();
  const { turn } = await patientProgress(task);
  say(`… and a new worker, process ${workers.pid()}, goes on with the work of turn ${turn} where it stood.`);
}

/** Wherever the worker happens to be in this turn. */
async function killInTurn({ moments, workers, say }: Show, event: WatchedEvent): Promise<void> {
  const delayMs = moments?.next(event);
  if (delayMs === undefined || !('turn' in event)) return;
  await sleep(delayMs);
  say(`Turn ${event.turn}, ${delayMs} ms after ${event.type}: worker ${workers.pid()} is killed with SIGKILL.`);
  await workers.kill();
  await workers.start();
}

async function report(show: Show, task: TaskHandle): Promise<DemoReport> {
  const { home, scenario, workers, tenant } = show;
  const { config, stack } = home;
  const [progress, outcome] = await Promise.all([
    patientProgress(task),
    task.result().then(
      () => 'completed',
      (error: unknown) => String(error),
    ),
  ]);
  const embedder = await openEmbeddingModel(config, () => ensureEmbeddingModel({ dataDir: stack.dataDir }));
  const memory = await openMemory({ redisUrl: stack.redis.url, embedder });
  try {
    const scopes = scopesOf(progress);
    const own = { text: '', scopes: [{ scope: 'task' as const, id: task.taskId }], kinds: ['progress' as const] };
    const markers = await memory.memories.recall(tenant, { ...own, limit: 100, includeClosed: true });
    const search = [];
    for (const query of scenario.searches) {
      const found = await memory.memories.recall(tenant, { text: query, scopes, limit: 3, includeClosed: true });
      search.push({ query, top: found.map((one) => ({ text: one.memory.text, score: Number(one.score.toFixed(3)) })) });
    }
    const { uiUrl, namespace } = stack.temporal;
    const draft = {
      taskId: task.taskId,
      status: outcome === 'completed' ? progress.status.kind : outcome,
      turns: progress.turn,
      waitedMs: progress.waitedMs,
      workerKills: workers.kills(),
      killSeed: show.killSeed ?? null,
      effects: await scenario.effects({ memories: memory.memories, tenant }),
      result: progress.result ?? null,
      markers: markersOf(markers),
      search,
      tokensPerTurn: progress.tokensPerTurn.map(
        ({ promptTokens, completionTokens }) => promptTokens + completionTokens,
      ),
      uiUrl: uiUrl === undefined ? null : taskUrl(uiUrl, namespace, task.taskId),
      model: home.scripted ? 'scripted' : (config.model?.name ?? ''),
      embedder: embedder.name,
      temporal: `${stack.temporal.version} at ${stack.temporal.address}`,
      redis: `${stack.redis.version} at ${stack.redis.url.replace(/\/\/[^@/]*@/, '//')}`,
    };
    const finished = { ...draft, problems: problemsOf(draft, progress) };
    await show.finished(finished, progress);
    return finished;
  } finally {
    await memory.close();
  }
}
