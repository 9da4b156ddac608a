import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

import { completionBody, completionChunks, finishCompletion } from './completion-body.ts';
import type { FinishedCompletion } from './completion-body.ts';
import type { ScriptedAnswer, ScriptedDisconnect, ScriptedError } from './script.ts';

export interface Delivery {
  readonly answer: ScriptedAnswer;
  readonly stream: boolean;
  readonly promptText: string;
  /** Aborted when the caller has gone. */
  readonly gone: AbortSignal;
}

/** Writes a scripted answer as the protocol has it. @throws the abort of `gone` where the caller leaves */
export async function deliverAnswer(response: ServerResponse, delivery: Delivery): Promise<void> {
  const { answer, stream, promptText, gone } = delivery;
  await pause(answer.delayMs, gone);
  gone.throwIfAborted();
  if ('error' in answer) return sendError(response, answer);
  if ('disconnect' in answer) return cutOff(response, { ...delivery, answer });
  const completion = finishCompletion('empty' in answer ? {} : answer, promptText);
  if (!stream) return sendJson(response, 200, completionBody(completion));
  await sendStream(response, { completion, gone, chunkDelayMs: answer.chunkDelayMs });
}

/** Writes a JSON answer. */
export function sendJson(
  response: ServerResponse,
  status: number,
  body: object,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

function sendError(response: ServerResponse, { error, retryAfterSeconds }: ScriptedError): void {
  const { status, message, type = 'scripted_error', code = null } = error;
  const headers = retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) };
  sendJson(response, status, { error: { message, type, param: null, code } }, headers);
}

async function sendStream(
  response: ServerResponse,
  {
    completion,
    gone,
    chunkDelayMs,
  }: { completion: FinishedCompletion; gone: AbortSignal; chunkDelayMs?: number | undefined },
): Promise<void> {
  openStream(response);
  for (const chunk of completionChunks(completion)) {
    sendEvent(response, JSON.stringify(chunk));
    await pause(chunkDelayMs, gone);
  }
  sendEvent(response, '[DONE]');
  response.end();
}

async function cutOff(
  response: ServerResponse,
  { answer, stream, promptText, gone }: Delivery & { answer: ScriptedDisconnect & { chunkDelayMs?: number } },
): Promise<void> {
  if (stream) {
    const completion = finishCompletion({ text: answer.text ?? 'Let me look into' }, promptText);
    openStream(response);
    for (const chunk of completionChunks(completion).slice(0, -2)) {
      sendEvent(response, JSON.stringify(chunk));
      await pause(answer.chunkDelayMs, gone);
    }
    // Lets the pieces leave the process, so that the cut is one in mid-stream.
    await sleep(10, undefined, { signal: gone });
  }
  response.destroy();
}

function openStream(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
}

function sendEvent(response: ServerResponse, data: string): void {
  response.write(`data: ${data}\n\n`);
}

async function pause(ms: number | undefined, signal: AbortSignal): Promise<void> {
  if (ms !== undefined && ms > 0) await sleep(ms, undefined, { signal });
}
