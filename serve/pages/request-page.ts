import { html } from 'hono/html';
import type { InboxEntry, InboxItem } from '../../client/index.ts';
import { answerersOf, answererWords, mayAnswer } from '../../contracts/who-may-answer.ts';
import type { Caller } from '../caller.ts';
import { answerForm } from './answer-form.ts';
import { approvalForm } from './approval-form.ts';
import type { FormOptions } from './form-fields.ts';
import { handOnForm } from './hand-on-form.ts';
import { headline } from './inbox-page.ts';
import type { Markup } from './layout.ts';
import { page } from './layout.ts';
import { planList } from './plan-list.ts';
import { timeAgo } from './times.ts';

export interface RequestPageOptions extends FormOptions {
  /** Absent where a link was followed: it answers this request and does nothing else. */
  readonly caller?: Caller;
  readonly signedIn?: boolean;
  /** Why what was sent was not taken. */
  readonly problem?: string | undefined;
}

/** One request with its background, and the form that answers it. */
export function requestPage(entry: InboxEntry, options: RequestPageOptions): Markup {
  const { goal, plan, story, taskId, agent } = entry;
  const { caller, signedIn = false } = options;
  const standing = standingOf(entry, caller);
  return page({
    title: headline(entry),
    caller,
    signedIn,
    content: html`<h1>${headline(entry)}</h1>
      <ul class="facts lead">
        ${entry.for === undefined ? '' : html`<li>for ${answerersOf(entry.request)?.join(' or ') ?? entry.for}</li>`}
        <li>asked ${timeAgo(entry.askedAt)}</li>
        ${entry.deadline === undefined ? '' : html`<li>until ${timeAgo(entry.deadline)}${atDeadline(entry)}</li>`}
        <li>${caller ? html`<a href="/tasks/${taskId}">${taskId}</a>` : taskId} (${agent})</li>
      </ul>
      <div class="columns">
        <section class="card" aria-label="Answer">
          ${whyMarkup(entry)} ${handoversMarkup(entry)} ${problemNotice(options.problem)}
          ${standingNotice(entry, standing)} ${formsMarkup(entry, options, standing)}
        </section>
        <section class="card" aria-labelledby="background">
          <h2 id="background">What it is about</h2>
          <p>${goal}</p>
          <h2>Plan</h2>
          ${planList(plan)}
        </section>
      </div>
      ${storyMarkup(story)}`,
  });
}

/** Whether the reader may answer: in their own name, only in that of whom it is for, or not at all. */
type Standing = 'own' | 'for-another' | 'none';

function standingOf({ request }: InboxEntry, caller: Caller | undefined): Standing {
  if (caller === undefined || mayAnswer(request, { ...caller, by: caller.actor })) return 'own';
  return caller.rights.includes('act-for') ? 'for-another' : 'none';
}

function standingNotice(entry: InboxEntry, standing: Standing): Markup | '' {
  const words = answererWords(entry.request);
  if (standing === 'own' || words === undefined) return '';
  const sentence = `${words.charAt(0).toUpperCase()}${words.slice(1)} this.`;
  const acting = `Your key may act for others: what you send here is signed ${entry.for ?? ''}.`;
  return html`<div class="notice"><p>${standing === 'none' ? sentence : `${sentence} ${acting}`}</p></div>`;
}

function formsMarkup(entry: InboxEntry, options: RequestPageOptions, standing: Standing): Markup | '' {
  if (standing === 'none') return '';
  const action = standing === 'own' ? options.action : `${options.action}?as=${encodeURIComponent(entry.for ?? '')}`;
  const signed = { ...options, action };
  return html`${formMarkup(entry, signed)} ${options.caller ? handOnForm(signed) : ''}`;
}

function formMarkup({ request, subject }: InboxEntry, options: RequestPageOptions): Markup {
  if (request.kind === 'question') return answerForm(request, options);
  return approvalForm(request, { ...options, remember: options.caller ? { subject } : undefined });
}

function problemNotice(problem: string | undefined): Markup | '' {
  return problem === undefined ? '' : html`<div class="notice bad" role="alert"><p>${problem}</p></div>`;
}

function whyMarkup({ request }: InboxItem): Markup | '' {
  const why = request.kind === 'question' ? request.why : request.reason;
  return why === undefined || why === '' ? '' : html`<p>${why}</p>`;
}

function handoversMarkup({ request: { handovers = [] } }: InboxItem): Markup | '' {
  if (handovers.length === 0) return '';
  return html`<ul class="lines quiet">
    ${handovers.map(({ to, by, note }) => html`<li>${by.id} handed it to ${to}${note === undefined ? '' : `: ${note}`}</li>`)}
  </ul>`;
}

const outcomes: Readonly<Record<string, string>> = {
  'go-on': 'then it goes on without an answer',
  block: 'then the task is blocked',
  cancel: 'then the task is cancelled',
  reject: 'then it counts as refused',
};

function atDeadline({ request }: InboxItem): string {
  if (request.kind === 'question' && request.defaultAnswer !== undefined) return `, then: ${request.defaultAnswer}`;
  const outcome = request.atDeadline ?? (request.kind === 'question' ? 'go-on' : 'reject');
  const words = outcomes[outcome];
  return words === undefined ? '' : `, ${words}`;
}

function storyMarkup(story: readonly string[]): Markup | '' {
  if (story.length === 0) return '';
  return html`<section class="card" aria-labelledby="lately">
    <h2 id="lately">What happened last</h2>
    <ul class="lines">
      ${story.map((line) => html`<li>${line}</li>`)}
    </ul>
  </section>`;
}
