import type { ApprovalTerms } from './asking-policy.ts';
import { termsProblem } from './asking-policy.ts';
import { isObject } from './json.ts';
import type { JsonSchema } from './json.ts';

/** What a value must be like. Where several are named, all of them hold. What cannot be compared is neither so nor not so. */
export interface Comparison {
  readonly oneOf?: readonly (string | number | boolean)[];
  readonly above?: number;
  readonly atLeast?: number;
  readonly below?: number;
  readonly atMost?: number;
  /** A text in which `*` stands for anything and `?` for one character. Capitals and small letters are the same. */
  readonly matches?: string;
  /** Is anything given? `null` and an empty list are nothing. */
  readonly given?: boolean;
  readonly not?: Comparison;
}

/** What an argument must be like. */
export interface Condition extends Comparison {
  /** A dotted path into the arguments, e.g. `plan` or `customer.country`; it goes through lists. */
  readonly argument: string;
}

/**
 * A rule over a call's arguments. One that asks also asks where it cannot be told whether its conditions hold (nothing is
 * given, or something else than a number or a text), and of a list where one part is so; one that allows does neither.
 */
export interface ApprovalRule extends Condition {
  /** What must hold, too. */
  readonly and?: readonly Condition[];
  readonly verdict: 'ask' | 'allow';
}

/** When a call of a tool needs a person's yes: a value, so that it can be stored and changed while a task runs. */
export type ApprovalPolicy =
  | 'always'
  | 'never'
  | {
      /** The first that matches decides. */
      readonly rules: readonly ApprovalRule[];
      /** Where none matches. */
      readonly otherwise: 'ask' | 'allow';
      /** How is asked, where it differs from the agent's `approvals`. */
      readonly terms?: ApprovalTerms;
    };

const MOST_RULES = 100;
const MOST_CONDITIONS = 20;
const LONGEST_PATTERN = 200;
const numbers = ['above', 'atLeast', 'below', 'atMost'] as const;
const comparisons: ReadonlySet<string> = new Set(['oneOf', ...numbers, 'matches', 'given', 'not']);

/** What is wrong with an approval policy, for whoever wrote it; `undefined` where nothing is. It may be anything. */
export function approvalPolicyProblem(policy: unknown): string | undefined {
  if (policy === 'always' || policy === 'never') return undefined;
  if (!isObject(policy)) return 'it must be "always", "never", or { "rules": […], "otherwise": "ask" or "allow" }';
  const { rules, otherwise, terms } = policy;
  const stranger = strangerIn(policy, ['rules', 'otherwise', 'terms']);
  if (stranger !== undefined) return stranger;
  if (!Array.isArray(rules) || rules.length > MOST_RULES)
    return `"rules" must be a list of at most ${MOST_RULES} rules`;
  if (!isVerdict(otherwise)) return '"otherwise" must be "ask" or "allow"';
  for (const [at, rule] of rules.entries()) {
    const problem = ruleProblem(rule);
    if (problem !== undefined) return `rule ${at + 1}: ${problem}`;
  }
  const problem = terms === undefined ? undefined : termsProblem(terms);
  return problem === undefined ? undefined : `terms: ${problem}`;
}

function ruleProblem(rule: unknown): string | undefined {
  if (!isObject(rule)) return 'it must be an object';
  const { verdict, and = [], ...condition } = rule;
  if (!isVerdict(verdict)) return '"verdict" must be "ask" or "allow"';
  if (!Array.isArray(and) || and.length >= MOST_CONDITIONS)
    return `"and" must be a list of fewer than ${MOST_CONDITIONS}`;
  return [condition, ...and].map(conditionProblem).find((problem) => problem !== undefined);
}

function conditionProblem(condition: unknown): string | undefined {
  if (!isObject(condition)) return 'a condition must be an object';
  const { argument, ...comparison } = condition;
  if (typeof argument !== 'string' || argument.trim() === '') return '"argument" must name an argument';
  const problem = comparisonProblem(comparison);
  return problem && `${argument}: ${problem}`;
}

function comparisonProblem(comparison: unknown): string | undefined {
  if (!isObject(comparison)) return '"not" must be an object with what must not be so';
  const stranger = strangerIn(comparison, [...comparisons]);
  if (stranger !== undefined) return stranger;
  const { oneOf, matches, given, not } = comparison;
  if (Object.keys(comparison).length === 0) return `nothing is compared; say one of ${[...comparisons].join(', ')}`;
  if (oneOf !== undefined && !isScalars(oneOf)) return '"oneOf" must be a list of texts, numbers, true or false';
  const wrong = numbers.find((name) => comparison[name] !== undefined && !Number.isFinite(comparison[name]));
  if (wrong !== undefined) return `"${wrong}" must be a number`;
  if (matches !== undefined && !isPattern(matches)) {
    return `"matches" must be a text of 1 to ${LONGEST_PATTERN} characters, with * and ? in it`;
  }
  if (given !== undefined && typeof given !== 'boolean') return '"given" must be true or false';
  if (not === undefined) return undefined;
  if (isObject(not) && 'not' in not) return '"not" in "not" is nothing; leave both out';
  return comparisonProblem(not);
}

function strangerIn(value: object, known: readonly string[]): string | undefined {
  const stranger = Object.keys(value).find((name) => !known.includes(name));
  return stranger === undefined ? undefined : `"${stranger}" is not among ${known.join(', ')}`;
}

function isVerdict(value: unknown): boolean {
  return value === 'ask' || value === 'allow';
}

function isScalars(value: unknown): boolean {
  return Array.isArray(value) && value.every((one) => ['string', 'number', 'boolean'].includes(typeof one));
}

function isPattern(value: unknown): boolean {
  return typeof value === 'string' && value !== '' && value.length <= LONGEST_PATTERN;
}

/** Which argument a policy's rules name that a tool does not have; `undefined` where none is, or it cannot be known. */
export function unknownArgument(policy: ApprovalPolicy, parameters: JsonSchema): string | undefined {
  if (typeof policy === 'string') return undefined;
  const named = policy.rules.flatMap(({ argument, and = [] }) => [argument, ...and.map((one) => one.argument)]);
  return named.find((path) => !mayHave(parameters, path.split('.')));
}

function mayHave(schema: unknown, [name, ...rest]: readonly string[]): boolean {
  if (name === undefined || !isObject(schema) || typeof schema['type'] !== 'string') return true;
  const { type, items, properties, additionalProperties = false } = schema;
  if (type === 'array') return mayHave(items, [name, ...rest]);
  if (type !== 'object') return false;
  if (isObject(properties) && Object.hasOwn(properties, name)) return mayHave(properties[name], rest);
  return additionalProperties !== false;
}
