import type { ApprovalPolicy, ApprovalRule, Comparison, Condition } from '../../contracts/approval-policy.ts';
import { valuesAt, verdictOn } from './comparing.ts';
import type { Verdict } from './comparing.ts';
import { fingerprint } from './fingerprint.ts';

/**
 * Why a call needs a person's yes, or `undefined` where it does not. The first rule that matches decides. A call
 * that no rule matches is decided by `otherwise`. What was decided once holds for calls with the same reason, so the
 * reason names every value that led to it.
 */
export function needsApproval(policy: ApprovalPolicy, rawArguments: string): string | undefined {
  if (policy === 'never') return undefined;
  if (policy === 'always') return 'every call of this tool needs approval';
  const given = parse(rawArguments);
  const rule = policy.rules.find((candidate) => matches(candidate, given));
  if ((rule?.verdict ?? policy.otherwise) === 'allow') return undefined;
  return bounded(rule === undefined ? unmatchedText(policy.rules, given) : askedText(rule, given));
}

function matches(rule: ApprovalRule, given: unknown): boolean {
  const verdicts = conditionsOf(rule).map((condition) => overList(rule, condition, given));
  if (rule.verdict === 'ask') return !verdicts.includes('no');
  return verdicts.every((verdict) => verdict === 'yes');
}

function conditionsOf({ and = [], verdict: _verdict, ...first }: ApprovalRule): readonly Condition[] {
  return [first, ...and];
}

/** One part of a list is enough to ask, and all of them are needed to allow. */
function overList({ verdict }: ApprovalRule, { argument, ...comparison }: Condition, given: unknown): Verdict {
  const verdicts = valuesAt(given, argument).map((value) => verdictOn(value, comparison));
  const [first, last]: readonly Verdict[] = verdict === 'ask' ? ['yes', 'no'] : ['no', 'yes'];
  if (first !== undefined && verdicts.includes(first)) return first;
  return verdicts.includes('unknown') ? 'unknown' : (last ?? 'unknown');
}

function askedText(rule: ApprovalRule, given: unknown): string {
  return conditionsOf(rule)
    .map(({ argument, ...comparison }) => {
      const values = valuesAt(given, argument).filter((value) => verdictOn(value, comparison) !== 'no');
      const words = wordsOf(comparison);
      return `${argument} ${shown(values)}${words === '' ? '' : ` (asked about: ${words})`}`;
    })
    .join(' and ');
}

/** Which values of those that some rule would allow are not allowed. */
function unmatchedText(rules: readonly ApprovalRule[], given: unknown): string {
  const named = rules.filter(({ verdict }) => verdict === 'allow').flatMap(conditionsOf);
  const paths = [...new Set(named.map(({ argument }) => argument))];
  const values = paths.map((path) => `${path} ${shown(valuesAt(given, path))}`);
  return values.length === 0 ? 'no rule allows it' : `no rule allows it: ${values.join(', ')}`;
}

function shown(values: readonly unknown[]): string {
  const texts = [...new Set(values.map(valueText))];
  return texts.length === 1 && texts[0] === ''
    ? 'is not given'
    : `is ${texts.map((text) => text || 'nothing').join(', ')}`;
}

function valueText(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' && /^[\w.@+-]+$/u.test(value) ? value : JSON.stringify(value);
}

/** A list of a few values is told by the value. */
function wordsOf({ oneOf: _oneOf, not, ...rest }: Comparison): string {
  const words = Object.entries(rest).map(([name, value]) => `${WORDS[name] ?? name} ${JSON.stringify(value)}`);
  const negated = not === undefined ? [] : [`not ${allWordsOf(not)}`];
  return [...words, ...negated].join(', ');
}

function allWordsOf({ oneOf, ...rest }: Comparison): string {
  return [...(oneOf === undefined ? [] : [`one of ${JSON.stringify(oneOf)}`]), wordsOf(rest)]
    .filter(Boolean)
    .join(', ');
}

const WORDS: Readonly<Record<string, string>> = { atLeast: 'at least', atMost: 'at most', matches: 'like' };

const LONGEST_REASON = 400;

/** A longer text is told from another by its fingerprint. */
function bounded(text: string): string {
  if (text.length <= LONGEST_REASON) return text;
  return `${text.slice(0, LONGEST_REASON).toWellFormed()}… (${fingerprint(text)})`;
}

function parse(rawArguments: string): unknown {
  try {
    return JSON.parse(rawArguments);
  } catch {
    return undefined;
  }
}
