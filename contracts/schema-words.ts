import type { OutputUnit } from '@cfworker/json-schema';

const SHOWN = 3;
/** Of these the library tells the parts as well. */
const WHOLES: ReadonlySet<string> = new Set(['properties', 'items', 'additionalProperties', 'anyOf']);

/** The library's sentences that speak of instances and schemas, as people say it. */
const PLAINER: readonly (readonly [library: RegExp, words: string])[] = [
  [/^Instance does not have required property (".+")$/, '$1 is missing'],
  [/^Instance type "(\w+)" is invalid\. Expected (.+)$/, 'expected $2, not "$1"'],
  [/^Instance does not match any of \[(.+)\]$/, 'expected one of $1'],
  [/^Instance does not match (.+)$/, 'expected $1'],
  [/^False boolean schema$/, 'nothing of that name is asked for'],
];

/** What does not fit a schema, by path, e.g. `guest.seats: 99 is greater than 12; day: …`; without a full stop. */
export function misfitWords(errors: readonly OutputUnit[]): string {
  const told = errors.filter(({ keyword }) => !WHOLES.has(keyword)).map(wordsOf);
  return [...new Set(told)].slice(0, SHOWN).join('; ');
}

function wordsOf({ instanceLocation, error }: OutputUnit): string {
  const sentence = error.replace(/\.$/, '');
  const plainer = PLAINER.find(([library]) => library.test(sentence));
  const words = plainer ? sentence.replace(...plainer) : sentence.replace(/^[A-Z]/, (first) => first.toLowerCase());
  const path = pathOf(instanceLocation);
  return path === '' ? words : `${path}: ${words}`;
}

/** `#/guest/first%20name` as `guest.first name` */
function pathOf(pointer: string): string {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~'))
    .join('.');
}
