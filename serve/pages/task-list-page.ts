import { html } from 'hono/html';
import type { TaskSummary } from '../../client/index.ts';
import { statusKinds } from '../../contracts/task.ts';
import type { Caller } from '../caller.ts';
import type { Markup } from './layout.ts';
import { page } from './layout.ts';
import { timeAgo } from './times.ts';

/** The tasks there are, or those of one status. */
export function taskListPage(
  tasks: readonly TaskSummary[],
  {
    caller,
    signedIn,
    status,
  }: { readonly caller: Caller; readonly signedIn: boolean; readonly status: string | undefined },
): Markup {
  return page({
    title: 'Tasks',
    at: '/tasks',
    caller,
    signedIn,
    content: html`<h1>Tasks</h1>
      <nav aria-label="By status">
        <ul class="facts lead">
          <li>${filterLink('all', undefined, status)}</li>
          ${statusKinds.map((kind) => html`<li>${filterLink(kind, kind, status)}</li>`)}
        </ul>
      </nav>
      ${tasks.length === 0 ? html`<p class="quiet">There are none.</p>` : ''}
      <ul class="cards">
        ${tasks.map((task) => html`<li class="card">${taskMarkup(task)}</li>`)}
      </ul>`,
  });
}

function filterLink(words: string, status: string | undefined, current: string | undefined): Markup {
  const href = status === undefined ? '/tasks' : `/tasks?status=${status}`;
  return html`<a href="${href}" ${status === current ? html`aria-current="page"` : ''}>${words}</a>`;
}

function taskMarkup({ taskId, goal, status, waitingFor, startedAt, subject }: TaskSummary): Markup {
  return html`<h2><a href="/tasks/${taskId}">${goal ?? taskId}</a></h2>
    ${waitingFor === undefined ? '' : html`<p class="quiet">${waitingFor}</p>`}
    <ul class="facts">
      <li><span class="tag ${status === 'failed' || status === 'blocked' ? 'bad' : ''}">${status}</span></li>
      <li>${taskId}</li>
      ${subject === undefined ? '' : html`<li>about ${subject}</li>`}
      <li>started ${timeAgo(startedAt)}</li>
    </ul>`;
}
