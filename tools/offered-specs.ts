import type { QuestionPolicy } from '../contracts/asking-policy.ts';
import type { JsonSchema } from '../contracts/json.ts';
import { isObject } from '../contracts/json.ts';
import type { ToolSpec } from '../contracts/language-model.ts';
import type { OwnTools } from '../contracts/policy.ts';

/** What decides how much a model is told of Waymark's own tools. */
export interface OfferTerms {
  readonly ownTools: OwnTools;
  /** How the agent asks people. What it expressly lets the model set, the model is asked for. */
  readonly questions?: QuestionPolicy | undefined;
}

/**
 * The arguments that are asked for where not all are. The others are taken where a model gives them; where it does not,
 * the agent's policies say them: who is reminded and when, what happens at a deadline, where a memory belongs.
 */
const ASKED_FOR: Readonly<Record<string, readonly string[]>> = {
  ask_user: ['question', 'why', 'choices', 'for'],
  remember: ['text', 'kind', 'about'],
  recall: ['query', 'otherTasks'],
  read_artifact: ['id', 'from', 'search'],
};

/** A tool of Waymark's own as it is told to a model: what every prompt repeats is short, and is checked at the call. */
export function offeredSpec(spec: ToolSpec, terms: OfferTerms): ToolSpec {
  const { name, parameters } = spec;
  if (name === 'finish') return spec;
  const names = [...(ASKED_FOR[name] ?? []), ...(name === 'ask_user' ? settableBy(terms.questions) : [])];
  const all = terms.ownTools === 'full' || ASKED_FOR[name] === undefined;
  const asked = all ? parameters : only(parameters, names);
  const short = withoutBounds(asked);
  return { ...spec, parameters: name === 'ask_user' ? withChosen(short, terms.questions) : short };
}

/** What a policy of questions lets the model set, by what it says of it. */
function settableBy({ outcomes, longestDeadlineHours }: QuestionPolicy = {}): string[] {
  if (outcomes !== undefined) return ['deadlineHours', 'atDeadline', 'defaultAnswer'];
  return longestDeadlineHours === undefined ? [] : ['deadlineHours'];
}

/** Only what may be chosen is told. */
function withChosen(parameters: JsonSchema, { outcomes, addressees }: QuestionPolicy = {}): JsonSchema {
  const properties = propertiesOf(parameters);
  const choice = (name: string, among: readonly string[] | undefined): Record<string, unknown> =>
    among === undefined || properties[name] === undefined ? {} : { [name]: { type: 'string', enum: [...among] } };
  const chosen = { ...choice('atDeadline', outcomes), ...choice('for', addressees) };
  return { ...parameters, properties: { ...properties, ...chosen } };
}

function only(parameters: JsonSchema, names: readonly string[]): JsonSchema {
  const properties = Object.entries(propertiesOf(parameters)).filter(([name]) => names.includes(name));
  const required = Array.isArray(parameters['required']) ? parameters['required'] : [];
  return {
    ...parameters,
    properties: Object.fromEntries(properties),
    required: required.filter((name) => names.includes(name)),
  };
}

function propertiesOf({ properties }: JsonSchema): Record<string, unknown> {
  return isObject(properties) ? properties : {};
}

/** Of a schema, what tells a model something: bounds are told by whoever checks them, where they are overstepped. */
const TOLD: ReadonlySet<string> = new Set([
  'type',
  'description',
  'enum',
  'const',
  'properties',
  'required',
  'items',
  'anyOf',
]);

function withoutBounds(schema: JsonSchema): JsonSchema {
  const told = Object.entries(schema).filter(([key]) => TOLD.has(key));
  return Object.fromEntries(told.map(([key, value]) => [key, shortened(key, value)]));
}

function shortened(key: string, value: unknown): unknown {
  if (key === 'anyOf' && Array.isArray(value))
    return value.map((part: unknown) => (isObject(part) ? withoutBounds(part) : part));
  if (!isObject(value)) return value;
  if (key === 'items') return withoutBounds(value);
  if (key !== 'properties') return value;
  const parts = Object.entries(value);
  return Object.fromEntries(parts.map(([name, part]) => [name, isObject(part) ? withoutBounds(part) : part]));
}
