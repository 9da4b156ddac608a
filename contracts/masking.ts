/** A text as it may be stored. `where`: whose text it is, and which agent writes it. */
export type Mask = (text: string, where?: MaskPlace) => string;

/** Where a text is about to be stored. */
export interface MaskPlace {
  readonly tenant: string;
  /** The agent that writes; absent where a person or service does. */
  readonly agent?: string;
}

/** What a secret looks like, and what stands in its place. */
export interface SecretPattern {
  readonly name: string;
  /** With the flag `g`. */
  readonly pattern: RegExp;
  /** As in `String.replace`. Default: the name in brackets. */
  readonly replacement?: string;
  /** Whether what the pattern found is one, e.g. by its check digits. Default: it is. */
  readonly isOne?: (found: string) => boolean;
}

/** Personal data that can be masked by name. */
export const piiNames = [
  'card',
  'iban',
  'email',
  'phone',
  'us-ssn',
  'uk-nino',
  'de-tax-id',
  'fr-nir',
  'es-dni',
  'it-codice-fiscale',
] as const;
export type PiiName = (typeof piiNames)[number];

/** What is masked beside keys, tokens and passwords, which always are. */
export interface MaskRules {
  readonly pii?: readonly PiiName[];
  readonly patterns?: readonly SecretPattern[];
  /** Sees each text last, and gives what is stored; e.g. a recogniser of names. */
  readonly hook?: Mask;
}
