import { html } from 'hono/html';
import type { InboxItem, InboxList } from '../../client/index.ts';
import type { Caller } from '../caller.ts';
import type { Markup } from './layout.ts';
import { page } from './layout.ts';
import { timeAgo } from './times.ts';

/** Everything that people are asked, the oldest first; or what one person is asked. */
export function inboxPage(
  { items, silent, more }: InboxList,
  { caller, signedIn, mine }: { readonly caller: Caller; readonly signedIn: boolean; readonly mine: boolean },
): Markup {
  const count =
    items.length === 1
      ? 'One thing waits for an answer.'
      : `${items.length} things wait for an answer, the oldest first.`;
  return page({
    title: 'Inbox',
    at: '/inbox',
    caller,
    signedIn,
    content: html`<h1>Inbox</h1>
      <p class="lead">
        ${items.length === 0 ? 'Nothing waits for an answer.' : count}
        ${mine ? html`<a href="/inbox">Show what is for others too</a>` : html`<a href="/inbox?for=me">Show what is for me</a>`}
      </p>
      <ul class="cards">
        ${items.map((item) => html`<li class="card">${itemMarkup(item)}</li>`)}
      </ul>
      ${more ? html`<p>More tasks wait than this page looks at: answer some, or look at what is for you.</p>` : ''}
      ${silentMarkup(silent)}`,
  });
}

/** So many are named; of more than that the number is told. */
const SILENT_SHOWN = 20;

function silentMarkup(silent: readonly string[]): Markup | '' {
  if (silent.length === 0) return '';
  const rest = silent.length - SILENT_SHOWN;
  return html`<section class="card" aria-labelledby="silent">
    <h2 id="silent">Not listed</h2>
    <p>These wait for somebody too, but no worker answers for them just now. Reload the page in a moment.</p>
    <ul class="facts">
      ${silent.slice(0, SILENT_SHOWN).map((taskId) => html`<li><a href="/tasks/${taskId}">${taskId}</a></li>`)}
      ${rest > 0 ? html`<li>and ${rest} more</li>` : ''}
    </ul>
  </section>`;
}

function itemMarkup(item: InboxItem): Markup {
  const { request, goal, agent, deadline, taskId } = item;
  return html`<h2><a href="${requestPath(item)}">${headline(item)}</a></h2>
    <p class="quiet">${goal}</p>
    <ul class="facts">
      <li><span class="tag">${request.kind}</span></li>
      ${item.for === undefined ? '' : html`<li>for ${item.for}</li>`}
      <li>asked ${timeAgo(item.askedAt)}</li>
      ${deadline === undefined ? '' : html`<li>until ${timeAgo(deadline)}</li>`}
      <li><a href="/tasks/${taskId}">${taskId}</a> (${agent})</li>
    </ul>`;
}

/** What is asked, in a line. */
export function headline({ request }: Pick<InboxItem, 'request'>): string {
  return request.kind === 'question' ? request.text : `May it call ${request.tool}?`;
}

export function requestPath({ taskId, requestId }: Pick<InboxItem, 'taskId' | 'requestId'>): string {
  return `/inbox/${taskId}/${requestId}`;
}
