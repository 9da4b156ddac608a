import { html } from 'hono/html';
import type { Question } from '../../contracts/requests.ts';
import type { Field } from './form-fields.ts';
import { fieldsOf } from './form-fields.ts';
import type { Markup } from './layout.ts';

/** The form in which a question is answered, made from what an answer must look like. */
export function answerForm(question: Pick<Question, 'choices' | 'schema'>, action: string): Markup {
  const fields = fieldsOf(question);
  return html`<form method="post" action="${action}">
    ${fields.map(fieldMarkup)}
    <button type="submit">Answer</button>
  </form>`;
}

function fieldMarkup(field: Field): Markup {
  if (field.kind === 'choice') return choices(field);
  const hint = field.hint === undefined ? '' : html`<small id="${field.name}-hint">${field.hint}</small>`;
  return html`<div class="field">
    <label for="${field.name}"
      >${field.label}${field.required ? '' : html` <span class="quiet">(may be left out)</span>`}</label
    >
    ${hint} ${inputOf(field)}
  </div>`;
}

function choices({ name, label, hint, options, required }: Extract<Field, { kind: 'choice' }>): Markup {
  return html`<fieldset>
    <legend>${label}</legend>
    ${hint === undefined ? '' : html`<small>${hint}</small>`}
    ${options.map(
      ({ value, label: words }) =>
        html`<label class="choice">
          <input type="radio" name="${name}" value="${value}" ${required ? 'required' : ''} />
          ${words}
        </label>`,
    )}
  </fieldset>`;
}

function inputOf(field: Exclude<Field, { kind: 'choice' }>): Markup {
  const { name, required } = field;
  const needed = required ? 'required' : '';
  if (field.kind === 'number') {
    const { step, min, max } = field;
    return html`<input
      type="number"
      id="${name}"
      name="${name}"
      step="${step}"
      min="${min ?? ''}"
      max="${max ?? ''}"
      ${needed}
    />`;
  }
  if (field.kind === 'json') return html`<textarea class="code" id="${name}" name="${name}" ${needed}></textarea>`;
  const longest = field.longest ?? 100_000;
  return field.lines
    ? html`<textarea id="${name}" name="${name}" maxlength="${longest}" ${needed}></textarea>`
    : html`<input type="text" id="${name}" name="${name}" maxlength="${longest}" ${needed} />`;
}
