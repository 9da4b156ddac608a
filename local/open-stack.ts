import { dataFolder } from './data-folder.ts';
import { redisOpener } from './open-redis.ts';
import { temporalOpener } from './open-temporal.ts';
import { identityOf, isAlive } from './process-identity.ts';
import { StackError } from './stack-error.ts';
import type { PartOpener, RedisPart, StackPart, StackSettings, TemporalPart } from './stack-parts.ts';
import { readState, withStackLock, writeState } from './stack-state.ts';
import type { StackState } from './stack-state.ts';
import type { SearchAttributeTypeName } from './temporal-answers.ts';

/** What {@link openStack} may be told. */
export interface OpenStackOptions<Part extends StackPart = StackPart> {
  /** Keeps data, addresses and fetched programs; `.waymark` in the working folder by default. */
  dataDir?: string;
  env?: NodeJS.ProcessEnv;
  /** Receives lines for people: what was taken, and progress while something takes long. Silent by default. */
  say?: (line: string) => void;
  /** Which parts are wanted; both by default. */
  need?: Part[];
  /** Starts own servers whatever environment names; refuses where servers already run from the data folder. */
  fresh?: boolean;
  /** Whether a Temporal server that is started brings its Web UI; true by default. */
  ui?: boolean;
  /** Registered where the server is ours; a server that environment names is left as it is. */
  searchAttributes?: Record<string, SearchAttributeTypeName>;
}

/** Servers that answer. */
export type Stack<Part extends StackPart = StackPart> = Pick<{ temporal: TemporalPart; redis: RedisPart }, Part> & {
  /** The data folder, as an absolute path. */
  dataDir: string;
  /** Notes facts for other processes, such as a base URL; they hold for as long as this process lives. */
  note: (facts: Record<string, string>) => Promise<void>;
  /** Ends what this stack started, and nothing else. May be called twice. */
  close: () => Promise<void>;
};

/**
 * Opens Temporal and Redis. Starts only what is not already there: servers named by environment come first, then
 * servers that already run from the data folder, then own ones, from programs on PATH, in the cache or fetched.
 *
 * Servers started here end with `close()`, and with this process however it ends. They do not keep its event loop
 * alive. Another process that opened a stack from the same folder uses them too, and loses them then.
 *
 * @throws StackError with a message for people; nothing is left running then
 *
 * @example
 * const stack = await openStack({ say: console.error });
 * try {
 *   await work(stack.temporal.connection, stack.redis.url);
 * } finally {
 *   await stack.close();
 * }
 */
export async function openStack<Part extends StackPart = StackPart>(
  options: OpenStackOptions<Part> = {},
): Promise<Stack<Part>> {
  const { env = process.env, say = () => {}, need = ['temporal', 'redis'], fresh = false } = options;
  const { ui = true, searchAttributes = {} } = options;
  const settings = { dataDir: dataFolder(options.dataDir), env, say, ui, searchAttributes };
  const temporal = need.some((part) => part === 'temporal') ? openPart(temporalOpener(settings)) : undefined;
  const redis = need.some((part) => part === 'redis') ? openPart(redisOpener(settings)) : undefined;
  const parts = [temporal, redis].filter((part) => part !== undefined);

  if (!fresh) {
    for (const part of parts) await part.takeNamed();
  }
  if (parts.some(isMissing)) await completeFromFolder({ parts: parts.filter(isMissing), settings, fresh });
  for (const part of parts) say(part.describe());
  const open = {
    ...(temporal && { temporal: temporal.get() }),
    ...(redis && { redis: redis.get() }),
    dataDir: settings.dataDir,
    ...closing({ parts, settings }),
  };
  // The parts that are needed are open now, which the compiler cannot learn from the values in `need`.
  return open as unknown as Stack<Part>;
}

/** A part on its way from wanted to open. */
interface OpeningPart {
  isOpen: () => boolean;
  takeNamed: () => Promise<void>;
  takeRunning: (state: StackState) => Promise<void>;
  findProgram: () => Promise<void>;
  start: (state: StackState) => Promise<void>;
  stop: () => Promise<void>;
  forget: (state: StackState) => void;
  describe: () => string;
  owned: () => boolean;
}

function openPart<Part extends { owned: boolean }>(opener: PartOpener<Part>): OpeningPart & { get: () => Part } {
  let part: Part | undefined;
  const get = (): Part => {
    if (part === undefined) throw new Error('A part of the stack is used before it is open.');
    return part;
  };
  return {
    get,
    isOpen: () => part !== undefined,
    async takeNamed() {
      part ??= await opener.named();
    },
    async takeRunning(state: StackState) {
      part ??= await opener.running(state);
    },
    findProgram: () => opener.findProgram(),
    async start(state: StackState) {
      part = await opener.start(state);
    },
    stop: () => opener.stop(),
    forget: (state: StackState) => opener.forget(state),
    describe: () => opener.describe(get()),
    owned: () => part?.owned ?? false,
  };
}

function isMissing(part: OpeningPart): boolean {
  return !part.isOpen();
}

async function completeFromFolder(options: {
  parts: OpeningPart[];
  settings: StackSettings;
  fresh: boolean;
}): Promise<void> {
  const { parts, settings, fresh } = options;
  const { dataDir, say } = settings;
  const before = await readState(dataDir);
  for (const part of parts) await part.takeRunning(before);
  // Fetching can take minutes: it happens before the lock is taken, so that nobody waits for it to close a stack.
  for (const part of parts.filter(isMissing)) await part.findProgram();

  const waiting = (pid: number) => say(`Waiting for process ${pid}, which starts or ends servers in ${dataDir} …`);
  await withStackLock({ dataDir, waiting }, async () => {
    const state = await readState(dataDir);
    for (const part of parts.filter(isMissing)) await part.takeRunning(state);
    if (fresh && !parts.every(isMissing)) {
      throw new StackError(`Servers already run from ${dataDir}. End what started them, or use another data folder.`);
    }
    await startAll(parts.filter(isMissing), state);
    await writeState(dataDir, state);
  });
}

async function startAll(parts: OpeningPart[], state: StackState): Promise<void> {
  const outcomes = await Promise.allSettled(parts.map((part) => part.start(state)));
  const failure = outcomes.find((outcome) => outcome.status === 'rejected');
  if (!failure) return;
  await Promise.all(parts.map((part) => part.stop()));
  throw failure.reason;
}

function closing(options: { parts: OpeningPart[]; settings: StackSettings }): Pick<Stack<never>, 'note' | 'close'> {
  const { parts, settings } = options;
  const { dataDir } = settings;
  const us = identityOf(process.pid);
  const noted = new Set<string>();
  const change = (edit: (state: StackState) => void | Promise<void>) =>
    withStackLock({ dataDir }, async () => {
      const state = await readState(dataDir);
      await edit(state);
      await writeState(dataDir, state);
    });

  const end = async () => {
    const leavesTrace = noted.size > 0 || parts.some((part) => part.owned());
    if (!leavesTrace) return;
    await change(async (state) => {
      await Promise.all(parts.map((part) => part.stop()));
      for (const part of parts) part.forget(state);
      for (const [name, { by }] of Object.entries(state.facts)) {
        if (!isAlive(by) || (noted.has(name) && by.pid === us.pid)) delete state.facts[name];
      }
    });
  };
  let ended: Promise<void> | undefined;
  return {
    note: (facts) =>
      change((state) => {
        for (const [name, value] of Object.entries(facts)) {
          noted.add(name);
          state.facts[name] = { value, by: us };
        }
      }),
    close: () => (ended ??= end()),
  };
}
