/**
 * What runs in a workflow thread before the SDK's own code: it takes out what the SDK does for every promise and for every
 * entry into the sandbox, which together was three quarters of that thread's time; see docs/decisions/0021.
 */
import { createRequire } from 'node:module';
import v8 from 'node:v8';
import vm from 'node:vm';
import { workerData } from 'node:worker_threads';
import type { WorkflowThreadData } from './workflow-thread-data.ts';
import { SPARED } from './workflow-thread-data.ts';

const NO_STACKS = 'v8.promiseHooks.createHook is not available';

const { entry, spared }: WorkflowThreadData = workerData;
const count = (which: keyof typeof SPARED): void => void (spared[SPARED[which]] = (spared[SPARED[which]] ?? 0) + 1);

/**
 * The SDK takes a stack for each promise, unless Node has no such hooks: it then says so once on the console. Node's own
 * async hooks are made by the same function, and are left as they are: cancellation scopes rest on them. They look at where
 * a promise is run, before and after it, which the SDK does not.
 */
function refuseStackHooks(): void {
  const { warn } = console;
  console.warn = (...said: readonly unknown[]): void => {
    if (!String(said[0]).startsWith(NO_STACKS)) warn(...said);
  };
  const { createHook } = v8.promiseHooks;
  v8.promiseHooks.createHook = (hooks) => {
    if (hooks.before !== undefined || hooks.after !== undefined) return createHook(hooks);
    count('stackHooks');
    throw new Error('stack hooks are off in this thread');
  };
}

/** For each run with a timeout Node starts a thread of the operating system that watches it, and joins it afterwards. */
function runWithoutTimeouts(): void {
  const run: (this: unknown, context: vm.Context, options?: vm.RunningScriptOptions) => unknown = Reflect.get(
    vm.Script.prototype,
    'runInContext',
  );
  vm.Script.prototype.runInContext = function runInContext(context, options) {
    count('entries');
    if (options?.timeout === undefined) return run.call(this, context, options);
    count('timeouts');
    const { timeout: _watched, ...rest } = options;
    return run.call(this, context, rest);
  };
}

refuseStackHooks();
runWithoutTimeouts();
createRequire(import.meta.url)(entry);
