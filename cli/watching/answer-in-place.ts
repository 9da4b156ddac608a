import { createInterface } from 'node:readline/promises';
import type { TaskHandle } from '../../client/index.ts';
import { WaymarkError } from '../../client/index.ts';
import type { WatchedEvent } from '../../contracts/events.ts';
import type { Approval, Question } from '../../contracts/requests.ts';
import type { TaskStatus } from '../../contracts/task.ts';
import type { Session } from '../session.ts';

/** What was asked long ago comes in one go with its answer: only what stays open for so long is asked. */
const QUIET_MS = 300;

/** Something a person at the terminal can settle. */
type Request =
  { readonly kind: 'question'; readonly of: Question } | { readonly kind: 'approval'; readonly of: Approval };

/** Asks the person at the terminal what the task asks, while its events go on being shown. */
export interface AnsweringInPlace {
  /** To be told every event that was shown. */
  see(event: WatchedEvent): void;
  close(): void;
}

/** Nobody can be asked where there is no terminal, or a program reads along. */
export function canAnswer({ terminal, json }: Pick<Session, 'terminal' | 'json'>): boolean {
  return !json && terminal.stdin.isTTY === true && terminal.stdout.isTTY === true;
}

export function answerInPlace(
  { terminal, paint, say }: Pick<Session, 'terminal' | 'paint' | 'say'>,
  task: Pick<TaskHandle, 'answer' | 'approve' | 'reject'>,
): AnsweringInPlace {
  // The terminal's own line editing: with that of readline, Ctrl-C would not reach the process.
  const lines = createInterface({ input: terminal.stdin, output: terminal.stdout, terminal: false });
  const passedOver = new Set<string>();
  let open: readonly Request[] = [];
  let asked: { readonly id: string; readonly stop: AbortController } | undefined;
  let closed = false;
  let quiet: NodeJS.Timeout | undefined;

  const askNext = (): void => {
    if (asked || closed) return;
    const next = open.find((request) => !passedOver.has(idOf(request)));
    if (!next) return;
    const controller = new AbortController();
    asked = { id: idOf(next), stop: controller };
    void ask(next, controller.signal).finally(() => {
      asked = undefined;
      askNext();
    });
  };
  const ask = async (request: Request, signal: AbortSignal): Promise<void> => {
    const text = await lines.question(paint.strong(promptOf(request)), { signal }).catch(() => undefined);
    if (text === undefined) return;
    if (text.trim() === '') {
      passedOver.add(idOf(request));
      return;
    }
    try {
      const delivery = await settle(task, request, text.trim());
      if (delivery.delivered === 'signal') say(delivery.note);
      passedOver.add(idOf(request));
    } catch (error) {
      if (!(error instanceof WaymarkError)) throw error;
      say(paint.bad(error.message));
      if (error.code !== 'Refused') passedOver.add(idOf(request));
    }
  };
  const stop = (): void => {
    closed = true;
    clearTimeout(quiet);
    asked?.stop.abort();
  };
  lines.once('close', stop);
  return {
    see: (event) => {
      const status = 'status' in event && event.type !== 'ended' ? event.status : undefined;
      if (event.type === 'ended') open = [];
      else if (status === undefined) return;
      else open = requestsOf(status);
      const current = asked;
      if (current && !open.some((request) => idOf(request) === current.id)) {
        terminal.stdout.write('\n');
        current.stop.abort();
      }
      clearTimeout(quiet);
      quiet = setTimeout(askNext, QUIET_MS);
    },
    close: () => lines.close(),
  };
}

function requestsOf(status: TaskStatus): readonly Request[] {
  if (status.kind !== 'waiting') return [];
  if (status.for === 'question') return status.questions.map((of) => ({ kind: 'question', of }));
  return status.for === 'approval' ? status.approvals.map((of) => ({ kind: 'approval', of })) : [];
}

function idOf(request: Request): string {
  return request.kind === 'question' ? request.of.id : request.of.callId;
}

function promptOf(request: Request): string {
  if (request.kind === 'approval') return `Allow ${request.of.tool}? yes, or why not (Enter: later) > `;
  const { id, choices } = request.of;
  const list = choices?.map((choice, at) => `${at + 1} ${choice}`).join(', ');
  return `Answer ${id}${list === undefined ? '' : ` (${list})`} (Enter: later) > `;
}

const YES = /^(y|yes|ok)$/iu;

function settle(task: Parameters<typeof answerInPlace>[1], request: Request, text: string) {
  if (request.kind === 'question') {
    const { id, choices } = request.of;
    // A choice may be a number itself, and is then meant as it stands.
    const numbered = choices?.includes(text) === true ? undefined : choices?.[Number(text) - 1];
    return task.answer({ questionId: id, text: numbered ?? text });
  }
  const { callId } = request.of;
  return YES.test(text) ? task.approve({ callId }) : task.reject({ callId, reason: text });
}
