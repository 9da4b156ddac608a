import { html } from 'hono/html';
import type { Markup } from './layout.ts';
import { page } from './layout.ts';

/** Where one signs in with a key. */
export function loginPage({ next, wrong = false }: { readonly next: string; readonly wrong?: boolean }): Markup {
  return page({
    title: 'Sign in',
    content: html`<div class="narrow">
      <h1>Sign in</h1>
      <p class="lead">Your key is exchanged for a session of twelve hours; it is not kept in this browser.</p>
      ${
        wrong
          ? html`<div class="notice bad" role="alert" id="wrong"><p>This key is unknown, revoked or expired.</p></div>`
          : ''
      }
      <form class="card" method="post" action="/login">
        <input type="hidden" name="next" value="${next}" />
        <div class="field">
          <label for="key">Key</label>
          <input
            type="password"
            id="key"
            name="key"
            required
            maxlength="100"
            autocomplete="current-password"
            ${wrong ? html`aria-invalid="true" aria-describedby="wrong"` : ''}
          />
        </div>
        <button type="submit">Sign in</button>
      </form>
    </div>`,
  });
}

/** A path of this service to go to after signing in, and nothing else. */
export function safeNext(given: unknown): string {
  return typeof given === 'string' && /^\/(?![/\\])[\x21-\x7e]*$/.test(given) && given.length < 1_000
    ? given
    : '/inbox';
}
