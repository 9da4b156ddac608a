/** Something a person may tell of, and how it is told and asked. `{v}` is the value, `{n}` who told it. */
export interface Topic {
  readonly key: string;
  /** What it is a value of, in two or three words, as a model is asked to say it when it extracts memories. */
  readonly slot: string;
  /** How it is put down when it is extracted: a sentence that stands by itself, as a model is asked for. */
  readonly noted: readonly string[];
  readonly values: readonly string[];
  readonly told: readonly string[];
  /** Told and asked in plain words, as people do as often as not; the two may well share some. */
  readonly plain: { readonly told: string; readonly asked: string };
  /** How a new value is told; absent where it does not change. */
  readonly changed?: readonly string[];
  /** In other words than it is told in `told`. */
  readonly asked: readonly string[];
  /** `{d}` is a date: what held then. */
  readonly askedThen?: readonly string[];
  /** Asks for every value there was. */
  readonly askedAll?: readonly string[];
  /** Asks for the time it was told, `{v}` being known. */
  readonly when?: readonly string[];
}
