import { html } from 'hono/html';
import type { Plan } from '../../contracts/task.ts';
import type { Markup } from './layout.ts';

const words = { open: 'to do', active: 'at it', done: 'done', skipped: 'skipped' } as const;
const marks = { open: '○', active: '◐', done: '●', skipped: '–' } as const;

/** A plan as a list, each step with its state in words for whoever hears it. */
export function planList(plan: Plan): Markup {
  if (plan.length === 0) return html`<p class="quiet">There is no plan yet.</p>`;
  return html`<ol class="plan">
    ${plan.map(
      ({ title, status, note }) =>
        html`<li class="${status}">
          <span aria-hidden="true">${marks[status]}</span>
          <span
            >${title}<span class="hidden"> (${words[status]})</span
            >${note === undefined ? '' : html`<small>${note}</small>`}</span
          >
        </li>`,
    )}
  </ol>`;
}
