import type { TaskHandle } from '../../client/index.ts';
import { inTime, until } from '../support/fleet.ts';
import type { Cell, Seen, Strike } from './cells.ts';
import { cells, keyOf } from './cells.ts';
import { createCrashAgent } from './crash-agent.ts';
import type { CrashWorker } from './crash-worker-process.ts';
import type { CrashWorld } from './crash-world.ts';

/** What was seen of a cell. `settled`: how the ledger of claims has its call in the end. */
export interface SeenCell {
  readonly cell: Cell;
  readonly seen: Seen;
  readonly settled: string | undefined;
}

/** A round's findings, and the worker that is left. */
export interface Round {
  readonly seen: readonly SeenCell[];
  readonly present: CrashWorker;
}

/** Brings a task of every cell to its point, strikes all of them at once, and looks at what became of each. */
export async function strikeRound(
  world: CrashWorld,
  strike: Strike,
  { run, present: doomed }: { readonly run: string; readonly present: CrashWorker },
): Promise<Round> {
  await world.setUp(strike);
  doomed.order('hold');
  const tasks = await startTasks(world, run, doomed);
  if (strike.worker === 'killed') await doomed.kill();
  if (strike.worker === 'asleep') doomed.signal('SIGSTOP');
  await world.strike(strike);
  if (strike.worker === 'stays') doomed.order('release');
  const present = strike.worker === 'stays' ? doomed : await world.startWorker();
  const told = await inTime(Promise.all(tasks.map(({ task }) => toldOf(task))), `tasks end (${strike.name})`);
  if (strike.worker === 'asleep') await wake(doomed, tasks);
  const seen = tasks.map(async ({ cell, task: { taskId }, email }, index) => ({
    cell,
    seen: { told: told[index] ?? 'other', effects: effectsOn(world, email) },
    settled: await world.settledAs(taskId),
  }));
  return { seen: await Promise.all(seen), present };
}

interface StartedTask {
  readonly cell: Cell;
  readonly email: string;
  readonly task: TaskHandle<{ told: string }>;
}

async function startTasks(world: CrashWorld, run: string, worker: CrashWorker): Promise<readonly StartedTask[]> {
  const { waymark } = world;
  const agent = createCrashAgent(world.serviceUrl);
  const started = await Promise.all(
    cells.map(async (cell) => {
      const key = keyOf(cell, run);
      const email = `${key}@example.com`;
      return { cell, email, task: await waymark.start(agent, { key, input: { tool: cell.tool, email } }) };
    }),
  );
  await until(() => started.every(({ task }) => worker.held().has(task.taskId)), 'every call stands at its point');
  return started;
}

/** The sleeper goes on where it stood; all that it can still do has been done when this returns. */
async function wake(worker: CrashWorker, tasks: readonly StartedTask[]): Promise<void> {
  worker.signal('SIGCONT');
  worker.order('release');
  await until(() => tasks.every(({ task }) => worker.ended().has(task.taskId)), 'every call of the sleeper has ended');
  await worker.kill();
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
