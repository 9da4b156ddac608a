import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { approvalPolicyProblem } from '../../contracts/approval-policy.ts';
import type { ApprovalPolicy, ApprovalRule, Comparison } from '../../contracts/approval-policy.ts';
import { needsApproval } from '../../workflows/rules/approval.ts';

const decide = (policy: ApprovalPolicy) => (args: unknown) => needsApproval(policy, JSON.stringify(args));
const asking = (...rules: readonly Omit<ApprovalRule, 'verdict'>[]) =>
  decide({ rules: rules.map((rule) => ({ ...rule, verdict: 'ask' })), otherwise: 'allow' });
const allowing = (...rules: readonly Omit<ApprovalRule, 'verdict'>[]) =>
  decide({ rules: rules.map((rule) => ({ ...rule, verdict: 'allow' })), otherwise: 'ask' });

test('always and never need no arguments', () => {
  assert.equal(needsApproval('never', 'not JSON'), undefined);
  assert.match(needsApproval('always', 'not JSON') ?? '', /every call/);
});

test('the first rule that matches decides, then what is otherwise', () => {
  const of = decide({
    rules: [
      { argument: 'customer.country', oneOf: ['NO', 'SE'], verdict: 'allow' },
      { argument: 'amount', oneOf: [0], verdict: 'allow' },
      { argument: 'dryRun', oneOf: [false], verdict: 'ask' },
    ],
    otherwise: 'allow',
  });
  assert.equal(of({ customer: { country: 'NO' }, dryRun: false }), undefined);
  assert.equal(of({ amount: 0, dryRun: false }), undefined);
  assert.equal(of({ dryRun: true }), undefined);
  assert.equal(of({ dryRun: false }), 'dryRun is false');
});

test('refunds over 100 need a person, and the reason says how much', () => {
  const of = asking({ argument: 'euros', above: 100 });
  assert.deepEqual([of({ euros: 99 }), of({ euros: 100 })], [undefined, undefined]);
  assert.equal(of({ euros: 100.01 }), 'euros is 100.01 (asked about: above 100)');
});

test('each comparison holds for what it says and for nothing else', () => {
  const cases: readonly (readonly [Comparison, holding: readonly unknown[], not: readonly unknown[]])[] = [
    [{ above: 1 }, [2, 1.5], [1, -1]],
    [{ atLeast: 1 }, [1, 2], [0.5]],
    [{ below: 1 }, [0, -5], [1, 2]],
    [{ atMost: 1 }, [1, 0], [1.5]],
    [{ above: 1, below: 3 }, [2], [1, 3]],
    [{ oneOf: ['a', 1, true] }, ['a', 1, true], ['b', '1', false]],
    [{ matches: '*@example.com' }, ['x@example.com', 'X@EXAMPLE.com'], ['x@example.com.evil.org', '']],
    [{ matches: 'a?c*' }, ['abc', 'axcdef'], ['ac', 'bbc']],
    [{ matches: 'a.c' }, ['a.c'], ['abc']],
    [{ given: true }, [0, false, '', {}], []],
    [{ not: { oneOf: ['a'] } }, ['b', 7], ['a']],
    [{ not: { above: 1, below: 3 } }, [1, 3], [2]],
  ];
  for (const [comparison, holding, others] of cases) {
    const [ask, allow] = [asking({ argument: 'x', ...comparison }), allowing({ argument: 'x', ...comparison })];
    for (const x of holding) {
      const what = `${JSON.stringify(x)} ${JSON.stringify(comparison)}`;
      assert.notEqual(ask({ x }), undefined, what);
      assert.equal(allow({ x }), undefined, what);
    }
    for (const x of others) {
      const what = `not ${JSON.stringify(x)} ${JSON.stringify(comparison)}`;
      assert.equal(ask({ x }), undefined, what);
      assert.notEqual(allow({ x }), undefined, what);
    }
  }
});

test('what cannot be compared is asked about, by rules that ask and by rules that allow', () => {
  for (const comparison of [
    { above: 1 },
    { matches: '*' },
    { oneOf: [1] },
    { not: { above: 1 } },
  ] satisfies Comparison[]) {
    for (const args of [{}, { x: null }, { x: {} }, { x: [] }, { X: 1 }]) {
      const what = `${JSON.stringify(args)} ${JSON.stringify(comparison)}`;
      assert.notEqual(asking({ argument: 'x', ...comparison })(args), undefined, what);
      assert.notEqual(allowing({ argument: 'x', ...comparison })(args), undefined, what);
    }
  }
  assert.notEqual(asking({ argument: 'x', above: 1 })({ x: '0' }), undefined, 'a text is no number');
  assert.notEqual(allowing({ argument: 'x', matches: '*' })({ x: 'a'.repeat(10_001) }), undefined);
  for (const raw of ['{', '[]', '"text"', '', '{"__proto__":{"x":1}}']) {
    assert.notEqual(
      needsApproval({ rules: [{ argument: 'x', oneOf: [1], verdict: 'allow' }], otherwise: 'ask' }, raw),
      undefined,
      raw,
    );
  }
});

test('whether something is given can always be told', () => {
  const of = decide({
    rules: [
      { argument: 'discount', given: false, verdict: 'allow' },
      { argument: 'discount', above: 10, verdict: 'ask' },
    ],
    otherwise: 'allow',
  });
  assert.deepEqual([of({}), of({ discount: null }), of({ discount: 5 })], [undefined, undefined, undefined]);
  assert.equal(of({ discount: 20 }), 'discount is 20 (asked about: above 10)');
});

test('of a list, one part is enough to ask, and all are needed to allow', () => {
  const strangers = { argument: 'to', not: { matches: '*@example.com' } };
  const own = { argument: 'to', matches: '*@example.com' };
  const [mine, mixed] = [
    { to: ['a@example.com', 'b@example.com'] },
    { to: ['a@example.com', 'x@else.org', 'y@else.org'] },
  ];
  assert.deepEqual([asking(strangers)(mine), allowing(own)(mine)], [undefined, undefined]);
  assert.equal(
    asking(strangers)(mixed),
    'to is x@else.org, y@else.org (asked about: not like "*@example.com")',
    'every value that led to it, so that what is decided holds for these and no others',
  );
  assert.notEqual(allowing(own)(mixed), undefined);
  const prices = asking({ argument: 'items.price', above: 100 });
  assert.equal(prices({ items: [{ price: 5 }, { price: 7 }] }), undefined);
  assert.equal(
    prices({ items: [{ price: 5 }, { price: 700 }, {}] }),
    'items.price is 700, nothing (asked about: above 100)',
  );
});

test('several conditions of a rule hold together', () => {
  const of = asking({ argument: 'euros', above: 100, and: [{ argument: 'country', not: { oneOf: ['DE', 'AT'] } }] });
  assert.deepEqual([of({ euros: 500, country: 'DE' }), of({ euros: 50, country: 'NO' })], [undefined, undefined]);
  assert.equal(
    of({ euros: 500, country: 'NO' }),
    'euros is 500 (asked about: above 100) and country is NO (asked about: not one of ["DE","AT"])',
  );
});

test('where no rule allows a call, the reason names what they look at, so that a decision holds for that alone', () => {
  const of = allowing({ argument: 'euros', atMost: 100 });
  assert.equal(of({ euros: 150 }), 'no rule allows it: euros is 150');
  assert.equal(of({}), 'no rule allows it: euros is not given');
  assert.equal(decide({ rules: [], otherwise: 'ask' })({ euros: 150 }), 'no rule allows it');
  assert.notEqual(of({ euros: '1, euros is 2' }), of({ euros: ['1', 2] }), 'no value passes for another');
  const long = (last: string) => of({ euros: `${'x'.repeat(5_000)}${last}` }) ?? '';
  assert.ok(long('a').length < 500);
  assert.notEqual(long('a'), long('b'));
});

test('a pattern is what the same regular expression is, and takes no longer for being nasty', () => {
  const part = fc.constantFrom('a', 'b', '*', '?', '.', '+');
  const expression = (pattern: string): RegExp =>
    new RegExp(`^${pattern.replaceAll(/[.+]/g, '\\$&').replaceAll('*', '.*').replaceAll('?', '.')}$`, 'su');
  fc.assert(
    fc.property(
      fc.string({ unit: part, minLength: 1, maxLength: 12 }),
      fc.string({ unit: part, maxLength: 12 }),
      (matches, x) => {
        assert.equal(asking({ argument: 'x', matches })({ x }) !== undefined, expression(matches).test(x));
      },
    ),
    { numRuns: 2_000 },
  );
  const started = performance.now();
  asking({ argument: 'x', matches: `${'*a'.repeat(99)}b` })({ x: 'a'.repeat(10_000) });
  assert.ok(performance.now() - started < 1_000, `${performance.now() - started} ms`);
});

test('a policy that cannot be used is refused in words, whatever it is', () => {
  const rule = { argument: 'x', above: 1, verdict: 'ask' };
  const policy = (...rules: readonly unknown[]) => ({ rules, otherwise: 'allow' });
  const wrong: readonly (readonly [unknown, RegExp])[] = [
    ['perhaps', /"always", "never", or/],
    [null, /"always", "never", or/],
    [{ rules: 'all', otherwise: 'ask' }, /"rules" must be a list/],
    [{ rules: [], otherwise: 'maybe' }, /"otherwise" must be/],
    [{ ...policy(rule), else: 'ask' }, /"else" is not among rules, otherwise, terms/],
    [policy(rule, { ...rule, verdict: 'no' }), /rule 2: "verdict"/],
    [policy({ verdict: 'ask', above: 1 }), /"argument" must name/],
    [policy({ verdict: 'ask', argument: 'x' }), /x: nothing is compared; say one of oneOf, above/],
    [policy({ ...rule, over: 3 }), /x: "over" is not among/],
    [policy({ ...rule, above: '100' }), /x: "above" must be a number/],
    [policy({ ...rule, below: Number.NaN }), /x: "below" must be a number/],
    [policy({ ...rule, oneOf: 'team' }), /x: "oneOf" must be a list/],
    [policy({ ...rule, oneOf: [{}] }), /x: "oneOf" must be a list/],
    [policy({ ...rule, matches: '' }), /x: "matches" must be a text/],
    [policy({ ...rule, matches: 'x'.repeat(201) }), /x: "matches" must be a text/],
    [policy({ ...rule, given: 'yes' }), /x: "given" must be true or false/],
    [policy({ ...rule, not: 1 }), /x: "not" must be an object/],
    [policy({ ...rule, not: { not: { above: 1 } } }), /x: "not" in "not"/],
    [policy({ ...rule, not: {} }), /x: nothing is compared/],
    [policy({ ...rule, and: [{ argument: 'y', above: true }] }), /y: "above" must be a number/],
    [{ ...policy(), terms: { deadlineHours: 'soon' } }, /terms: "soon" is no number of hours/],
    [{ ...policy(), terms: { for: 7 } }, /terms: nobody is named/],
    [{ ...policy(), terms: { escalate: { to: 'boss' } } }, /terms: null is no number of hours/],
    [{ ...policy(), terms: { atDeadline: 'go-on' } }, /terms: atDeadline must be one of reject/],
    [{ ...policy(), terms: { answerBy: 'me' } }, /terms: answerBy must be anyone or addressee/],
  ];
  for (const [given, why] of wrong) assert.match(approvalPolicyProblem(given) ?? '', why, JSON.stringify(given));
  assert.equal(approvalPolicyProblem(policy(rule)), undefined);
  fc.assert(fc.property(fc.jsonValue(), (given) => void approvalPolicyProblem(given)));
});

test('whatever the arguments are, a rule decides', () => {
  const of = asking({ argument: 'a.b', above: 1, and: [{ argument: 'a', matches: '*' }] });
  fc.assert(fc.property(fc.jsonValue(), (args) => ['string', 'undefined'].includes(typeof of(args))));
});
