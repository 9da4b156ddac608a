import { html } from 'hono/html';
import type { Question } from '../../contracts/requests.ts';
import type { Field, FormOptions } from './form-fields.ts';
import { fieldsOf, typedIn } from './form-fields.ts';
import type { Markup } from './layout.ts';

/** A field, and what was typed into it before. */
type Shown<Kind extends Field['kind'] = Field['kind']> = Extract<Field, { kind: Kind }> & {
  /** Of the input; names of an answer's parts can hold anything. */
  readonly id: string;
  readonly value: string;
};

/** The form in which a question is answered, made from what an answer must look like. */
export function answerForm(question: Pick<Question, 'choices' | 'schema'>, { action, typed }: FormOptions): Markup {
  const fields = fieldsOf(question).map((field, at) => ({
    ...field,
    id: `field-${at}`,
    value: typedIn(typed, field.name),
  }));
  return html`<form method="post" action="${action}">
    ${fields.map(fieldMarkup)}
    <button type="submit">Answer</button>
  </form>`;
}

function fieldMarkup(field: Shown): Markup {
  if (field.kind === 'choice') return choices(field);
  return html`<div class="field">
    <label for="${field.id}">${labelMarkup(field)}</label>
    ${hintMarkup(field)} ${inputOf(field)}
  </div>`;
}

function labelMarkup({ label, required }: Shown): Markup {
  return required ? html`${label}` : html`${label} <span class="quiet">(may be left out)</span>`;
}

function hintMarkup({ hint, id }: Shown): Markup | '' {
  return hint === undefined ? '' : html`<small id="${id}-hint">${hint}</small>`;
}

function choices(field: Shown<'choice'>): Markup {
  const { name, options, required, value: chosen } = field;
  return html`<fieldset ${describedBy(field)}>
    <legend>${labelMarkup(field)}</legend>
    ${hintMarkup(field)}
    ${options.map(
      ({ value, label: words }) =>
        html`<label class="choice">
          <input
            type="radio"
            name="${name}"
            value="${value}"
            ${required ? 'required' : ''}
            ${value === chosen ? 'checked' : ''}
          />
          ${words}
        </label>`,
    )}
  </fieldset>`;
}

function describedBy({ hint, id }: Shown): Markup | '' {
  return hint === undefined ? '' : html`aria-describedby="${id}-hint"`;
}

function inputOf(field: Exclude<Shown, { kind: 'choice' }>): Markup {
  const { id, name, value } = field;
  const common = html`id="${id}" name="${name}" ${field.required ? 'required' : ''} ${describedBy(field)}`;
  if (field.kind === 'number') {
    const { step, min, max } = field;
    return html`<input
      type="number"
      ${common}
      step="${step}"
      min="${min ?? ''}"
      max="${max ?? ''}"
      value="${value}"
    />`;
  }
  if (field.kind === 'json') {
    return html`<textarea class="code" ${common} spellcheck="false">${value}</textarea>`;
  }
  const { looks, longest = LONGEST } = field;
  if (looks !== 'lines') return html`<input type="${looks}" ${common} maxlength="${longest}" value="${value}" />`;
  return html`<textarea ${common} maxlength="${longest}">${value}</textarea>`;
}

const LONGEST = 100_000;
