import { html } from 'hono/html';
import type { Caller } from '../caller.ts';

/** Markup whose values are escaped. */
export type Markup = ReturnType<typeof html>;

export interface PageOptions {
  readonly title: string;
  /** Who reads it; absent where nobody is signed in. */
  readonly caller?: Caller | undefined;
  /** Whether there is a session that can be ended. */
  readonly signedIn?: boolean;
  /** The page of the navigation that it is. */
  readonly at?: '/inbox' | '/tasks' | undefined;
  readonly content: Markup;
  /** Where its live script is needed. */
  readonly live?: boolean;
}

/** A whole page. Everything on it works without its script. */
export function page({ title, caller, signedIn = false, at, content, live = false }: PageOptions): Markup {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title} · Waymark</title>
        <link rel="icon" href="/assets/mark.svg" />
        <link rel="stylesheet" href="/assets/style.css" />
        ${live ? html`<script src="/assets/live.js" defer></script>` : ''}
      </head>
      <body>
        <a class="skip" href="#main">Skip to the content</a>
        <header class="bar">
          <span class="brand">Waymark</span>
          ${caller ? navigation(caller, { signedIn, at }) : ''}
        </header>
        <main id="main" tabindex="-1">${content}</main>
      </body>
    </html>`;
}

function navigation({ actor }: Caller, { signedIn, at }: Pick<PageOptions, 'signedIn' | 'at'>): Markup {
  return html`<nav aria-label="Pages">
      <a href="/inbox" ${at === '/inbox' ? html`aria-current="page"` : ''}>Inbox</a>
      <a href="/tasks" ${at === '/tasks' ? html`aria-current="page"` : ''}>Tasks</a>
    </nav>
    <div class="who">
      <span>${actor.id}</span>
      ${
        signedIn
          ? html`<form method="post" action="/logout"><button class="quiet" type="submit">Sign out</button></form>`
          : ''
      }
    </div>`;
}
