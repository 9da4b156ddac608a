import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';

import type { EmbeddingJob, EmbeddingThreadData, EmbeddingThreadMessage } from './embedding-thread-messages.ts';
import { threadStart } from './thread-start.ts';

export interface EmbeddingThread {
  /** One vector a text, in order. @throws Error where the model fails or the thread ends */
  embed(texts: readonly string[]): Promise<Float32Array[]>;
  ended(): boolean;
}

interface Pending {
  readonly resolve: (vectors: Float32Array[]) => void;
  readonly reject: (error: Error) => void;
}

/** Starts the thread and waits until the model is loaded. @throws Error saying what is missing */
export async function startEmbeddingThread(data: EmbeddingThreadData): Promise<EmbeddingThread> {
  const worker = new Worker(...threadStart(threadFile(), { workerData: data }));
  await ready(worker);
  const jobs = new Map<number, Pending>();
  let latest = 0;
  let ended = false;
  settleJobs({ worker, jobs, onEnd: () => (ended = true) });
  return {
    ended: () => ended,
    embed: (texts) =>
      new Promise((resolve, reject) => {
        if (ended) return reject(new Error('its thread has ended'));
        latest += 1;
        jobs.set(latest, { resolve, reject });
        worker.ref();
        const job: EmbeddingJob = { job: latest, texts };
        worker.postMessage(job);
      }),
  };
}

/** Settles each job as the thread answers it, and all of them when it ends; without a job it keeps no process alive. */
function settleJobs(options: { worker: Worker; jobs: Map<number, Pending>; onEnd: () => void }): void {
  const { worker, jobs, onEnd } = options;
  const take = (job: number): Pending | undefined => {
    const pending = jobs.get(job);
    jobs.delete(job);
    if (jobs.size === 0) worker.unref();
    return pending;
  };
  const end = (error: Error): void => {
    onEnd();
    for (const job of jobs.keys()) take(job)?.reject(error);
  };
  worker.on('message', (message: EmbeddingThreadMessage) => {
    if (message.type === 'embedded') take(message.job)?.resolve(message.vectors);
    else if (message.type === 'failed') take(message.job ?? 0)?.reject(new Error(message.message));
  });
  worker.on('error', end);
  worker.on('exit', (code) => end(new Error(`its thread ended with code ${code}`)));
  worker.unref();
}

function ready(worker: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.once('message', (message: EmbeddingThreadMessage) => {
      if (message.type === 'ready') return resolve();
      void worker.terminate();
      reject(new Error(message.type === 'failed' ? message.message : 'the embedding thread spoke out of turn'));
    });
    worker.once('error', reject);
  });
}

/** The thread's file beside this one, `.ts` in development and `.js` when built. */
function threadFile(): URL {
  return new URL(`./embedding-thread${extname(fileURLToPath(import.meta.url))}`, import.meta.url);
}
