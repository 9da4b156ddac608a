import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import type { InboxEntry } from '../../client/index.ts';
import { WaymarkError } from '../../client/index.ts';
import { rememberScopes } from '../../contracts/remembered-approvals.ts';
import type { RememberScope } from '../../contracts/remembered-approvals.ts';
import type { Approval, OpenRequest } from '../../contracts/requests.ts';
import type { Actor } from '../../contracts/transcript.ts';
import type { Desk } from '../desk.ts';
import { defined } from '../defined.ts';
import { asProblem } from '../problems.ts';
import type { ProblemStatus } from '../problems.ts';
import { answerOf, textOf } from './form-fields.ts';

/** What was done, in a sentence. */
const doneWords = {
  answered: 'Your answer is with the task.',
  approved: 'The call is approved.',
  refused: 'The call is refused.',
  'handed-on': 'It is handed on.',
} as const;
type Done = keyof typeof doneWords;

export function doneText(word: Done): string;
export function doneText(word: string | undefined): string | undefined;
export function doneText(word: string | undefined): string | undefined {
  return Object.entries(doneWords).find(([known]) => known === word)?.[1];
}

/** What somebody decided by a form. */
type Decision =
  | { readonly done: 'answered'; readonly text: string }
  | { readonly done: 'approved'; readonly changed: string | undefined; readonly remember: RememberScope | undefined }
  | { readonly done: 'refused'; readonly reason: string; readonly remember: RememberScope | undefined }
  | { readonly done: 'handed-on'; readonly to: string; readonly note: string | undefined };

/** Why a form is not taken, for whoever filled it in. */
interface Misfit {
  readonly problem: string;
  /** As the interface answers the same. Default 422: what was filled in does not fit. */
  readonly status?: ProblemStatus;
}

/**
 * Sends what a form holds, or tells why it was not taken.
 * @param options `only`: this request is all that may be decided; it is neither handed on nor remembered. `as`: the person
 *   whose name it is signed with, where that is not the caller
 */
export async function sendForm(
  desk: Pick<Desk, 'answer' | 'approve' | 'reject' | 'delegate'>,
  { request, taskId, requestId }: InboxEntry,
  form: FormData,
  { only = false, as }: { readonly only?: boolean; readonly as?: string | undefined } = {},
): Promise<{ readonly done: Done } | Misfit> {
  const decision = decisionOf(request, form);
  if ('problem' in decision) return decision;
  if (only && reachesBeyond(decision)) {
    return { problem: 'This link answers one request, and does nothing else.', status: 403 };
  }
  try {
    await sendDecision(
      desk,
      { taskId, requestId, by: as === undefined ? undefined : { kind: 'person', id: as } },
      decision,
    );
    return { done: decision.done };
  } catch (error) {
    if (!(error instanceof WaymarkError) || error.code !== 'Refused') throw error;
    const { message, status } = asProblem(error);
    return { problem: message, status };
  }
}

function reachesBeyond(decision: Decision): boolean {
  return decision.done === 'handed-on' || ('remember' in decision && decision.remember !== undefined);
}

function decisionOf(request: OpenRequest, form: FormData): Decision | Misfit {
  const chosen = textOf(form, 'decision');
  if (chosen === 'delegate') return handoverOf(form);
  if (request.kind === 'question') return { done: 'answered', text: answerOf(request, form) };
  const scope = z.enum(['', ...rememberScopes]).safeParse(textOf(form, 'remember'));
  if (!scope.success) return { problem: 'Choose for which calls this decision holds.' };
  const remember = scope.data === '' ? undefined : scope.data;
  if (chosen === 'approve') {
    const read = changedArguments(request, textOf(form, 'arguments'));
    return 'problem' in read ? read : { done: 'approved', changed: read.changed, remember };
  }
  const reason = textOf(form, 'reason');
  if (reason.trim() === '') return { problem: 'Say why it is refused: the agent is told.' };
  return { done: 'refused', reason, remember };
}

function handoverOf(form: FormData): Decision | Misfit {
  const to = textOf(form, 'to').trim();
  if (to === '') return { problem: 'Say to whom it is handed on.' };
  return { done: 'handed-on', to, note: textOf(form, 'note').trim() || undefined };
}

/** The arguments as they were filled in, where they say something else than those asked for. */
function changedArguments(
  { arguments: asked }: Approval,
  given: string,
): { readonly changed: string | undefined } | Misfit {
  if (given === '' || given === asked) return { changed: undefined };
  const read = readJson(given);
  if ('problem' in read) return { problem: `The arguments are not valid JSON: ${read.problem}.` };
  const before = readJson(asked);
  const same = 'value' in before && isDeepStrictEqual(before.value, read.value);
  return { changed: same ? undefined : given };
}

function readJson(text: string): { readonly value: unknown } | Misfit {
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

async function sendDecision(
  desk: Pick<Desk, 'answer' | 'approve' | 'reject' | 'delegate'>,
  { taskId, requestId, by }: Pick<InboxEntry, 'taskId' | 'requestId'> & { readonly by: Actor | undefined },
  decision: Decision,
): Promise<void> {
  const signed = defined({ by });
  if (decision.done === 'answered') {
    await desk.answer(taskId, { questionId: requestId, text: decision.text, ...signed });
  } else if (decision.done === 'handed-on') {
    await desk.delegate(taskId, { requestId, to: decision.to, ...defined({ note: decision.note }), ...signed });
  } else if (decision.done === 'approved') {
    const { changed, remember } = decision;
    await desk.approve(taskId, { callId: requestId, ...defined({ arguments: changed, remember }), ...signed });
  } else {
    const { reason, remember } = decision;
    await desk.reject(taskId, { callId: requestId, reason, ...defined({ remember }), ...signed });
  }
}
