import { html } from 'hono/html';
import type { Approval } from '../../contracts/requests.ts';
import type { Markup } from './layout.ts';

/** The form in which a tool call is allowed or refused. */
export function approvalForm({ tool, arguments: given, fourEyes }: Approval, action: string): Markup {
  return html`<p>The agent wants to call <strong>${tool}</strong> with:</p>
    <pre>${pretty(given)}</pre>
    ${fourEyes ? html`<p class="quiet">Whoever asked for this may not approve it themselves.</p>` : ''}
    <form method="post" action="${action}">
      <div class="field">
        <label for="reason">Reason <span class="quiet">(needed to refuse; the agent is told)</span></label>
        <textarea id="reason" name="reason" maxlength="2000"></textarea>
      </div>
      <div class="buttons">
        <button type="submit" name="decision" value="approve">Approve</button>
        <button type="submit" name="decision" value="reject" class="second">Refuse</button>
      </div>
    </form>`;
}

/** JSON as a person reads it; what is none, as it is. */
export function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), undefined, 2);
  } catch {
    return text;
  }
}
