import { html } from 'hono/html';
import { statusDetail, statusWords } from '../../client/index.ts';
import type { TaskSummary } from '../../client/index.ts';
import { requestIdOf, requestsOf } from '../../contracts/requests.ts';
import type { Plan, TaskProgress, TaskStatus } from '../../contracts/task.ts';
import type { Caller } from '../caller.ts';
import type { TaskView } from '../desk.ts';
import type { StoryLine } from '../story-line.ts';
import { headline, requestPath } from './inbox-page.ts';
import type { Markup } from './layout.ts';
import { page } from './layout.ts';
import { planList } from './plan-list.ts';
import { storyItems } from './story-items.ts';
import { timeAgo } from './times.ts';

export interface TaskPageOptions {
  readonly caller: Caller;
  readonly signedIn: boolean;
  readonly lines: readonly StoryLine[];
  /** Where the story goes on live; absent where the task has ended. */
  readonly live: string | undefined;
  /** What was just done, for whoever did it. */
  readonly done?: string | undefined;
}

/** One task: how it stands, its plan, what happened. It goes on live where there is a script, and stands still without. */
export function taskPage(view: TaskView, { caller, signedIn, lines, live, done }: TaskPageOptions): Markup {
  const { task } = view;
  return page({
    title: task.goal ?? task.taskId,
    caller,
    signedIn,
    live: live !== undefined,
    content: html`<h1>${task.goal ?? task.taskId}</h1>
      <ul class="facts lead">
        <li>${task.taskId}</li>
        ${task.subject === undefined ? '' : html`<li>about ${task.subject}</li>`}
        <li>started ${timeAgo(task.startedAt)}</li>
        ${view.source === 'worker' ? html`<li>${spentWords(view.task)}</li>` : ''}
      </ul>
      ${done === undefined ? '' : html`<div class="notice" role="status"><p>${done}</p></div>`}
      <p class="hidden" role="status" data-announce></p>
      <div data-state>${view.source === 'worker' ? stateOf(view.task) : stateMarkupOf(view.task)}</div>
      <section class="card" aria-labelledby="story">
        <h2 id="story">What happened</h2>
        <ul class="story" ${live === undefined ? '' : html`data-live="${live}"`}>
          ${storyItems(lines)}
        </ul>
        ${
          live === undefined
            ? ''
            : html`<p class="speaking" data-speaking></p>
                <noscript><p class="quiet">Reload the page to see what happened since.</p></noscript>`
        }
      </section>`,
  });
}

function stateOf({ status, plan, taskId, questions, approvals }: TaskProgress): Markup {
  const links = requestsOf({ questions, approvals }).map((request) => ({
    href: requestPath({ taskId, requestId: requestIdOf(request) }),
    words: headline({ request }),
  }));
  return stateMarkup({ status, plan, links });
}

/** How a task stands, as the page shows it and its live script replaces it. */
export function stateMarkup({
  status,
  plan,
  links,
}: {
  readonly status: TaskStatus;
  readonly plan: Plan;
  readonly links: readonly { readonly href: string; readonly words: string }[];
}): Markup {
  const detail = links.length > 0 ? '' : statusDetail(status);
  return html`<div class="columns">
    <section class="card" aria-labelledby="status">
      <h2 id="status">Status</h2>
      <p><span class="tag ${badKinds.includes(status.kind) ? 'bad' : ''}">${statusWords(status)}</span></p>
      ${detail === '' ? '' : html`<p>${detail}</p>`} ${askedMarkup(links)}
    </section>
    <section class="card" aria-labelledby="plan">
      <h2 id="plan">Plan</h2>
      ${planList(plan)}
    </section>
  </div>`;
}

function askedMarkup(links: readonly { readonly href: string; readonly words: string }[]): Markup | '' {
  if (links.length === 0) return '';
  return html`<ul class="asked">
    ${links.map(
      ({ href, words }) =>
        html`<li>
          <p>${words}</p>
          <a class="button small" href="${href}">Answer<span class="hidden">: ${words}</span></a>
        </li>`,
    )}
  </ul>`;
}

const badKinds: readonly string[] = ['blocked', 'failed'];

function stateMarkupOf({ status, waitingFor }: TaskSummary): Markup {
  return html`<section class="card" aria-labelledby="status">
    <h2 id="status">Status</h2>
    <p><span class="tag">${status}</span></p>
    ${waitingFor === undefined ? '' : html`<p>${waitingFor}</p>`}
    <p class="quiet">No worker answers for this task just now; this is what Temporal knows of it.</p>
  </section>`;
}

function spentWords({ turn, spent }: TaskProgress): string {
  const tokens = (spent.promptTokens + spent.completionTokens).toLocaleString('en-US');
  return `${turn} turn${turn === 1 ? '' : 's'}, ${tokens} tokens`;
}
