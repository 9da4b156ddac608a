import type { PiiName, SecretPattern } from '../../contracts/masking.ts';

/**
 * What is masked where nothing else is said: numbers that pay. No agent needs them in its memory, and their check digits
 * tell them from order numbers. E-mail addresses and phone numbers are not: an agent that may not remember how to reach
 * whom it works for is of no use. National ids are not, because each country's looks like other countries' numbers.
 */
export const DEFAULT_PII = ['card', 'iban'] as const satisfies readonly PiiName[];

/** How personal data is recognised. Where a number has check digits they have to be right. */
export const PII_PATTERNS: Readonly<Record<PiiName, readonly SecretPattern[]>> = {
  card: [
    {
      name: 'card number',
      pattern: /\b(?:3|4|5[0-8]|6|2[2-7])(?:[ -]?\d){12,18}\b/g,
      isOne: (text) => luhn(digitsOf(text)),
    },
  ],
  iban: [{ name: 'IBAN', pattern: /\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b/gi, isOne: isIban }],
  email: [
    {
      name: 'e-mail',
      pattern: /(?<![\p{L}\p{N}._%+'-])[\p{L}\p{N}._%+'-]+@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)*\.\p{L}{2,}/gu,
    },
  ],
  phone: [
    { name: 'phone', pattern: /(?<![\w+]|\d )(?:\+|00)[1-9](?:[ ()./-]{0,2}\d){7,13}\b/g },
    { name: 'phone', pattern: /(?<!\w)(?:\(\d{3}\) ?|\d{3}[-. ])\d{3}[-. ]\d{4}\b/g },
    { name: 'phone', pattern: /(?<![\w.-]|\d )0[1-9]\d{0,3}[ /-](?:\d[ /-]?){5,9}\d\b/g },
  ],
  'us-ssn': [{ name: 'SSN', pattern: /\b(?!000|666|9\d\d)\d{3}-(?!00)\d{2}-(?!0000)\d{4}\b/g }],
  'uk-nino': [
    { name: 'NINO', pattern: /\b(?!BG|GB|NK|KN|TN|NT|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?(?:\d{2} ?){3}[A-D]\b/gi },
  ],
  'de-tax-id': [
    { name: 'tax id', pattern: /\b[1-9]\d(?: ?\d{3}){3}\b/g, isOne: (text) => isGermanTaxId(digitsOf(text)) },
  ],
  'fr-nir': [{ name: 'NIR', pattern: /\b[12] ?\d{2} ?[0-9]{2} ?\d[\dAB] ?\d{3} ?\d{3} ?\d{2}\b/gi, isOne: isNir }],
  'es-dni': [{ name: 'DNI', pattern: /\b[\dXYZ]\d{7}-?[A-Z]\b/gi, isOne: isDni }],
  'it-codice-fiscale': [
    { name: 'codice fiscale', pattern: /\b[A-Z]{6}[\dL-NP-V]{2}[A-EHLMPR-T][\dL-NP-V]{2}[A-Z][\dL-NP-V]{3}[A-Z]\b/gi },
  ],
};

function digitsOf(text: string): number[] {
  return (text.match(/\d/g) ?? []).map(Number);
}

/** The check digit of ISO/IEC 7812 (Luhn). */
function luhn(digits: readonly number[]): boolean {
  const sum = digits.toReversed().reduce((total, digit, at) => {
    const counted = at % 2 === 0 ? digit : digit * 2;
    return total + (counted > 9 ? counted - 9 : counted);
  }, 0);
  return sum % 10 === 0;
}

/** ISO 13616: letters count from 10, and the whole leaves 1 when divided by 97. */
function isIban(text: string): boolean {
  const compact = text.replaceAll(' ', '').toUpperCase();
  if (compact.length < 15 || compact.length > 34) return false;
  const moved = compact.slice(4) + compact.slice(0, 4);
  const number = moved.replaceAll(/[A-Z]/g, (letter) => String(letter.charCodeAt(0) - 55));
  return Array.from(number).reduce((rest, digit) => (rest * 10 + Number(digit)) % 97, 0) === 1;
}

/** ISO 7064, MOD 11,10. */
function isGermanTaxId(digits: readonly number[]): boolean {
  const product = digits.slice(0, 10).reduce((rest, digit) => {
    const sum = (digit + rest) % 10 || 10;
    return (sum * 2) % 11;
  }, 10);
  return digits[10] === (11 - product) % 10;
}

/** Its last two digits complete the others to a multiple of 97; Corsica's letters count as digits. */
function isNir(text: string): boolean {
  const compact = text.replaceAll(' ', '').toUpperCase().replace('2A', '19').replace('2B', '18');
  return 97 - Number(BigInt(compact.slice(0, 13)) % 97n) === Number(compact.slice(13));
}

/** The letter follows from the number; X, Y and Z of foreigners count as 0, 1 and 2. */
function isDni(text: string): boolean {
  const compact = text.replaceAll('-', '').toUpperCase();
  const number = Number(compact.slice(0, 8).replace(/^[XYZ]/, (letter) => String('XYZ'.indexOf(letter))));
  return 'TRWAGMYFPDXBNJZSQVHLCKE'[number % 23] === compact[8];
}
