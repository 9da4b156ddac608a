import { html } from 'hono/html';
import { typedIn } from './form-fields.ts';
import type { FormOptions } from './form-fields.ts';
import type { Markup } from './layout.ts';

/** The form in which a request is handed on to somebody else. */
export function handOnForm({ action, typed }: FormOptions): Markup {
  const begun = typedIn(typed, 'decision') === 'delegate';
  return html`<details class="aside" ${begun ? 'open' : ''}>
    <summary>Hand it on to somebody else</summary>
    <form method="post" action="${action}">
      <div class="field">
        <label for="to">To whom</label>
        <input type="text" id="to" name="to" maxlength="200" required value="${typedIn(typed, 'to')}" />
      </div>
      <div class="field">
        <label for="note">What they should know <span class="quiet">(may be left out)</span></label>
        <textarea id="note" name="note" maxlength="2000">${typedIn(typed, 'note')}</textarea>
      </div>
      <button type="submit" name="decision" value="delegate" class="second">Hand on</button>
    </form>
  </details>`;
}
