/**
 * Runs the local embedding model in a thread of its own: the ONNX runtime's `run` returns a promise and yet computes on
 * the thread that called it, which would hold up heartbeats for a second and more.
 */
import { parentPort, workerData } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';

import type { EmbeddingJob, EmbeddingThreadData, EmbeddingThreadMessage } from './embedding-thread-messages.ts';
import { loadMiniLm } from './mini-lm.ts';

async function serve(port: MessagePort, data: EmbeddingThreadData): Promise<void> {
  const say = (message: EmbeddingThreadMessage, transfer: ArrayBuffer[] = []): void =>
    port.postMessage(message, transfer);
  const embed = await loadMiniLm(data).catch((error: unknown) => {
    say({ type: 'failed', message: messageOf(error) });
    return undefined;
  });
  if (embed === undefined) return;
  port.on('message', ({ job, texts }: EmbeddingJob) => {
    embed(texts).then(
      (vectors) => say({ type: 'embedded', job, vectors }),
      (error: unknown) => say({ type: 'failed', job, message: messageOf(error) }),
    );
  });
  say({ type: 'ready' });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

if (parentPort !== null) void serve(parentPort, workerData);
