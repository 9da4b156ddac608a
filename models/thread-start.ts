import type { WorkerOptions } from 'node:worker_threads';

/** What a thread is started from: the arguments of `new Worker(…)`. */
export type ThreadStart = readonly [source: URL | string, options: WorkerOptions];

/**
 * How a thread runs one of our files, `.ts` in development and `.js` when built. Node 20 under tsx does not pass tsx on to
 * its threads, so a TypeScript file is led in by hand there.
 */
export function threadStart(file: URL, options: WorkerOptions): ThreadStart {
  const canRun = file.pathname.endsWith('.js') || Reflect.get(process.features, 'typescript') !== undefined;
  if (canRun) return [file, options];
  const lead = `import('tsx/esm/api').then((tsx) => { tsx.register(); return import(${JSON.stringify(file.href)}); });`;
  return [lead, { ...options, eval: true }];
}
