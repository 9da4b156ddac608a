import { html } from 'hono/html';
import type { Approval } from '../../contracts/requests.ts';
import { typedIn } from './form-fields.ts';
import type { FormOptions } from './form-fields.ts';
import type { Markup } from './layout.ts';

export interface ApprovalFormOptions extends FormOptions {
  /** Whether the decision may hold for later calls, too; and of which subject, where the task has one. */
  readonly remember?: { readonly subject: string | undefined } | undefined;
}

const FEWEST_ROWS = 3;
const MOST_ROWS = 20;

/** The form in which a tool call is allowed, perhaps with other arguments, or refused. */
export function approvalForm(
  { tool, arguments: asked, notBy = [] }: Approval,
  { action, typed, remember }: ApprovalFormOptions,
): Markup {
  const given = typedIn(typed, 'arguments') || pretty(asked);
  const rows = Math.min(Math.max(given.split('\n').length, FEWEST_ROWS), MOST_ROWS);
  return html`<p>The agent wants to call <strong>${tool}</strong>.</p>
    ${
      notBy.length === 0
        ? ''
        : html`<p class="quiet">Not to be approved by ${notBy.join(' or ')}, who asked for it.</p>`
    }
    <form method="post" action="${action}">
      <div class="field">
        <label for="arguments">With these arguments</label>
        <small id="arguments-hint">Change them, and it is called with yours; the agent is told.</small>
        <textarea
          class="code"
          id="arguments"
          name="arguments"
          rows="${rows}"
          spellcheck="false"
          aria-describedby="arguments-hint"
        >
${given}</textarea>
      </div>
      ${remember === undefined ? '' : rememberField(remember.subject, typedIn(typed, 'remember'))}
      <div class="field">
        <label for="reason">Reason <span class="quiet">(needed to refuse; the agent is told)</span></label>
        <textarea id="reason" name="reason" maxlength="2000">${typedIn(typed, 'reason')}</textarea>
      </div>
      <div class="buttons">
        <button type="submit" name="decision" value="approve">Approve</button>
        <button type="submit" name="decision" value="reject" class="second">Refuse</button>
      </div>
    </form>`;
}

function rememberField(subject: string | undefined, chosen: string): Markup {
  const options = [
    ['', 'this call'],
    ['task', 'this call, and later ones like it in this task'],
    ...(subject === undefined ? [] : [['subject', `this call, and later ones like it about ${subject}`]]),
    ['agent', 'this call, and every later one like it of this agent'],
  ];
  return html`<div class="field">
    <label for="remember">Your decision holds for</label>
    <select id="remember" name="remember">
      ${options.map(
        ([value, words]) => html`<option value="${value}" ${value === chosen ? 'selected' : ''}>${words}</option>`,
      )}
    </select>
  </div>`;
}

/** JSON as a person reads it; what is none, as it is. */
function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), undefined, 2);
  } catch {
    return text;
  }
}
