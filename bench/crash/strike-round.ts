import type { TaskHandle } from '../../client/index.ts';
import { inTime, until } from '../support/fleet.ts';
import type { Cell, Seen, Strike } from './cells.ts';
import { cells, keyOf } from './cells.ts';
import { createCrashAgent } from './crash-agent.ts';
import type { CrashWorker } from './crash-worker-process.ts';
import { startCrashWorker } from './crash-worker-process.ts';
import type { CrashWorld } from './crash-world.ts';

/** What was seen of a cell. `settled`: how the ledger of claims has its call in the end. */
export interface SeenCell {
  readonly cell: Cell;
  readonly seen: Seen;
  readonly settled: string | undefined;
}

/** Brings a task of every cell to its point, strikes all of them at once, and looks at what became of each. */
export async function strikeRound(
  world: CrashWorld,
  strike: Strike,
  { run, codePath }: { readonly run: string; readonly codePath: string },
): Promise<readonly SeenCell[]> {
  const settings = { ...world.settings, taskQueue: `crash-${run}`, codePath };
  await world.setUp(strike);
  const doomed = await startCrashWorker({ ...settings, holds: true });
  const workers = [doomed];
  try {
    const tasks = await startTasks(world, run, doomed);
    await strikeWorker(doomed, strike);
    await world.strike(strike);
    if (strike.worker === 'stays') doomed.release();
    else workers.push(await startCrashWorker({ ...settings, holds: false }));
    const told = await inTime(Promise.all(tasks.map(({ task }) => toldOf(task))), `tasks end (${strike.name})`);
    if (strike.worker === 'asleep') await wake(doomed, tasks.length);
    return await Promise.all(
      tasks.map(async ({ cell, task: { taskId }, email }, index) => ({
        cell,
        seen: { told: told[index] ?? 'other', effects: effectsOn(world, email) },
        settled: await world.settledAs(taskId),
      })),
    );
  } finally {
    await Promise.all(workers.map((worker) => worker.kill()));
  }
}

interface StartedTask {
  readonly cell: Cell;
  readonly email: string;
  readonly task: TaskHandle<{ told: string }>;
}

async function startTasks(world: CrashWorld, run: string, worker: CrashWorker): Promise<readonly StartedTask[]> {
  const waymark = world.waymark(`crash-${run}`);
  const agent = createCrashAgent(world.settings.serviceUrl);
  const started = await Promise.all(
    cells.map(async (cell) => {
      const key = keyOf(cell, run);
      const email = `${key}@example.com`;
      return { cell, email, task: await waymark.start(agent, { key, input: { tool: cell.tool, email } }) };
    }),
  );
  await until(() => worker.held().size === cells.length, 'every call stands at its point');
  return started;
}

async function strikeWorker(worker: CrashWorker, strike: Strike): Promise<void> {
  if (strike.worker === 'killed') await worker.kill();
  if (strike.worker === 'asleep') worker.signal('SIGSTOP');
}

/** The sleeper goes on where it stood; all that it can still do has been done when this returns. */
async function wake(worker: CrashWorker, calls: number): Promise<void> {
  worker.signal('SIGCONT');
  worker.release();
  await until(() => worker.ended().size === calls, 'every call of the sleeper has ended');
}

async function toldOf(task: TaskHandle<{ told: string }>): Promise<Seen['told']> {
  const { result } = await task.result();
  if (result.told.includes('Outcome unknown')) return 'unknown';
  return /"accountId"|"accounts"/.test(result.told) ? 'ok' : 'other';
}

function effectsOn({ ledger }: CrashWorld, email: string): number {
  return ledger.entries.filter(({ effect }) => effect?.type === 'account-created' && effect.account.company === email)
    .length;
}
