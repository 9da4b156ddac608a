import { html } from 'hono/html';
import type { Caller } from '../caller.ts';
import type { Problem } from '../problems.ts';
import type { Markup } from './layout.ts';
import { page } from './layout.ts';

/** A page that says one thing. */
export function messagePage(
  title: string,
  text: string,
  { caller, signedIn = false }: { readonly caller?: Caller | undefined; readonly signedIn?: boolean } = {},
): Markup {
  return page({
    title,
    caller,
    signedIn,
    content: html`<h1>${title}</h1>
      <p class="lead">${text}</p>
      ${caller ? html`<p><a href="/inbox">Back to the inbox</a></p>` : ''}`,
  });
}

/** A problem as a person reads it. */
export function problemPage(problem: Problem, requestId: string, caller: Caller | undefined): Markup {
  return page({
    title: problem.title,
    caller,
    content: html`<h1>${problem.title}</h1>
      <p class="lead">${problem.message}</p>
      ${problem.code === 'internal' ? html`<p class="quiet">Tell whoever runs this service: ${requestId}</p>` : ''}
      <p><a href="/inbox">To the inbox</a></p>`,
  });
}
