import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort, portAnswers } from './free-port.ts';
import { startGuarded } from './guarded-process.ts';
import type { GuardedProcess } from './guarded-process.ts';
import { runProgram } from './run-program.ts';
import { serverHome } from './server-home.ts';
import { StackError } from './stack-error.ts';
import { portWasTaken, START_ATTEMPTS } from './start-attempts.ts';
import { askTemporal, registerSearchAttributes } from './temporal-answers.ts';
import type { SearchAttributeTypeName, TemporalAnswers } from './temporal-answers.ts';

const READY_WITHIN_MS = 60_000;
const GRACE_MS = 15_000;

/**
 * The server's defaults clamp a task to one activity per 50 ms (20 activities in a row took 1,003 ms, with the first
 * two settings 450).
 */
const DYNAMIC_CONFIG = [
  'history.transferProcessorMaxPollRPS=2000',
  'history.shardIOConcurrency=50',
  'system.enableActivityEagerExecution=true',
];

/** A Temporal development server of this process. */
export interface RunningTemporal {
  address: string;
  port: number;
  namespace: string;
  pid: number;
  version: string;
  uiUrl?: string;
  uiPort?: number;
  /** Ends the server and waits until it is gone. */
  stop: () => Promise<void>;
}

/** What {@link startTemporal} may be told. */
export interface StartTemporalOptions {
  program: string;
  /** Keeps workflows in `<dataDir>/temporal/temporal.db`; without it nothing outlives the server. */
  dataDir?: string;
  /** Used if it is free; another one otherwise. */
  port?: number;
  /** Used if it is free; another one otherwise. */
  uiPort?: number;
  /** No Web UI: starts faster and takes less memory. */
  headless?: boolean;
  searchAttributes?: Record<string, SearchAttributeTypeName>;
  /** `default` by default; created if missing. */
  namespace?: string;
  env?: NodeJS.ProcessEnv;
}

/** Starts `temporal server start-dev` on loopback and waits until its frontend answers for the namespace. */
export async function startTemporal(options: StartTemporalOptions): Promise<RunningTemporal> {
  for (let attempt = 1; ; attempt += 1) {
    const first = attempt === 1;
    const port = await freePort(first ? options.port : undefined);
    const uiPort = options.headless ? undefined : await freePort(first ? options.uiPort : undefined);
    try {
      return await startOnce(options, { port, ...(uiPort !== undefined && { uiPort }) });
    } catch (error) {
      if (attempt === START_ATTEMPTS || !portWasTaken(error)) throw error;
    }
  }
}

async function startOnce(
  options: StartTemporalOptions,
  ports: { port: number; uiPort?: number },
): Promise<RunningTemporal> {
  const { program, dataDir, searchAttributes = {}, namespace = 'default', env = process.env } = options;
  const { port, uiPort } = ports;
  const home = await serverHome({ name: 'temporal', ...(dataDir !== undefined && { dataDir }) });
  const running = await startGuarded({
    command: program,
    args: [
      ['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port), '--log-level', 'error'],
      uiPort === undefined ? ['--headless'] : ['--ui-port', String(uiPort), ...(await newsFetchOff(program, env))],
      dataDir === undefined ? [] : ['--db-filename', join(home.folder, 'temporal.db')],
      ...DYNAMIC_CONFIG.map((setting) => ['--dynamic-config-value', setting]),
      ...Object.entries(searchAttributes).map(([name, type]) => ['--search-attribute', `${name}=${type}`]),
      namespace === 'default' ? [] : ['--namespace', namespace],
    ].flat(),
    cwd: home.folder,
    env: withoutTemporalSettings(env),
    log: home.log,
    graceMs: dataDir === undefined ? 0 : GRACE_MS,
    ...(home.scratch !== undefined && { scratch: home.scratch }),
  });
  const address = `127.0.0.1:${port}`;
  try {
    const { version } = await whenReady({ address, port, namespace, running, program, searchAttributes });
    return {
      address,
      port,
      namespace,
      pid: running.pid,
      version,
      ...(uiPort !== undefined && { uiPort, uiUrl: `http://127.0.0.1:${uiPort}` }),
      stop: running.stop,
    };
  } catch (error) {
    await running.stop();
    throw error;
  }
}

async function whenReady(options: {
  address: string;
  port: number;
  namespace: string;
  running: GuardedProcess;
  program: string;
  searchAttributes: Record<string, SearchAttributeTypeName>;
}): Promise<TemporalAnswers> {
  const { address, running, program } = options;
  const deadline = Date.now() + READY_WITHIN_MS;
  for (;;) {
    if (running.hasEnded()) {
      throw new StackError(`Temporal (${program}) ended while starting. Its last lines:\n${running.lastLines()}`);
    }
    const answers = await readyAnswers(options);
    if (typeof answers !== 'string') return answers;
    if (Date.now() > deadline) {
      throw new StackError(
        `Temporal (${program}) was not ready at ${address} within ${READY_WITHIN_MS / 1000} s: ${answers}. ` +
          `Its last lines:\n${running.lastLines()}`,
      );
    }
    await delay(30);
  }
}

/** The server's answers once it is ready, else the reason why it is not. */
async function readyAnswers(options: {
  address: string;
  port: number;
  namespace: string;
  searchAttributes: Record<string, SearchAttributeTypeName>;
}): Promise<TemporalAnswers | string> {
  const { address, port, namespace, searchAttributes } = options;
  const names = Object.keys(searchAttributes);
  // A client that meets a closed port backs off for a second: knock first.
  if (!(await portAnswers(port))) return 'nothing listens there';
  try {
    const answers = await askTemporal({ connection: { address }, namespace, timeoutMs: 2_000 });
    const missing = names.filter((name) => !answers.searchAttributes?.includes(name));
    if (missing.length === 0) return answers;
    // The program's flag reaches new databases only.
    await registerSearchAttributes({ connection: { address }, namespace, searchAttributes });
    return `search attributes are missing: ${missing.join(', ')}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** The UI would show news from the internet; older programs do not know the flag. */
async function newsFetchOff(program: string, env: NodeJS.ProcessEnv): Promise<string[]> {
  const help = await runProgram({ command: program, args: ['server', 'start-dev', '--help'], env });
  return help.stdout.includes('--ui-disable-news-fetch') ? ['--ui-disable-news-fetch'] : [];
}

/** The command line program reads the same variables as clients do; a server of ours must not follow them. */
function withoutTemporalSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('TEMPORAL_')));
}
