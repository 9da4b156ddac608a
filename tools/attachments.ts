/** Something beside a result's text: an image, a document. Kept as an artifact of the task. */
export interface Attachment {
  /** E.g. a URI. Default: none. */
  readonly name?: string;
  /** E.g. `image/png`. */
  readonly mediaType: string;
  readonly content: string | Uint8Array;
}

/** A tool's result and what goes beside it. Made by `withAttachments`. */
export class AttachedResult {
  readonly result: unknown;
  readonly attachments: readonly Attachment[];
  constructor(result: unknown, attachments: readonly Attachment[]) {
    this.result = result;
    this.attachments = attachments;
  }
}

/**
 * Returned by a tool whose result is more than text: the model reads `result` and the names of the artifacts, which it
 * can read, where they are text, with `read_artifact`.
 */
export function withAttachments(result: unknown, attachments: readonly Attachment[]): AttachedResult {
  return new AttachedResult(result, attachments);
}
