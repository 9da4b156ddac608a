import { WaymarkError } from '../client/index.ts';
import type { WaymarkErrorCode } from '../client/index.ts';
import { FailureType, isFailure } from '../contracts/failures.ts';
import type { RefusalCode } from '../contracts/messages.ts';

/** Every kind of problem: the status it is answered with, its title, and what to do where the detail does not say it. */
const kinds = {
  'invalid-request': [400, 'The request is malformed', 'Compare it with /openapi.json.'],
  unauthorized: [401, 'No valid key', 'Send a key as `Authorization: Bearer wmk_…`.'],
  forbidden: [403, 'The key does not allow this', 'Use a key that has the right.'],
  'not-yours': [403, 'Somebody else has to decide this', 'Let somebody decide who may.'],
  'not-found': [404, 'There is nothing here', 'Look at /openapi.json for what there is.'],
  'task-not-found': [404, 'There is no such task', 'List the tasks there are with GET /v1/tasks.'],
  'method-not-allowed': [405, 'The method is not allowed here', 'Use one of those in the Allow header.'],
  refused: [409, 'The task refuses this now', 'Look at the task with GET /v1/tasks/{task}, then decide anew.'],
  'memories-elsewhere': [409, 'The memories are embedded with another model', 'Tell whoever runs this service.'],
  'too-large': [413, 'The body is too large', 'Send less, or put large texts where the agent can read them.'],
  'unsupported-media-type': [415, 'The body is not JSON', 'Send it with Content-Type: application/json.'],
  'invalid-input': [422, 'What was sent does not fit', 'Mend what is named and send it again.'],
  'too-many-requests': [429, 'Too many requests', 'Wait for as many seconds as the Retry-After header says.'],
  internal: [500, 'Something went wrong here', 'Try again; tell whoever runs this service the requestId.'],
  unreachable: [503, 'A server behind this service does not answer', 'Try again in a while.'],
  busy: [503, 'Temporal takes no more just now', 'Send it again after as many seconds as Retry-After says.'],
  'no-worker': [503, 'No worker answers', 'Start one with `waymark worker`, or try again in a while.'],
} as const satisfies Record<string, readonly [status: number, title: string, advice: string]>;

export type ProblemCode = keyof typeof kinds;
export type ProblemStatus = (typeof kinds)[ProblemCode][0];

/** A refusal of this service, as RFC 9457 has it. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly code: ProblemCode;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: ProblemCode, detail: string, options: ErrorOptions & { headers?: Record<string, string> } = {}) {
    super(detail, options);
    this.code = code;
    this.headers = options.headers ?? {};
  }

  get status(): ProblemStatus {
    return kinds[this.code][0];
  }

  get title(): string {
    return kinds[this.code][1];
  }

  get advice(): string {
    return kinds[this.code][2];
  }
}

/** The body of an answer of type `application/problem+json`. */
export interface ProblemBody {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** What to do about it. */
  readonly advice: string;
  readonly requestId: string;
}

export function problemBody(problem: Problem, requestId: string): ProblemBody {
  const { code, title, status, message, advice } = problem;
  return { type: `urn:waymark:problem:${code}`, title, status, detail: message, advice, requestId };
}

const codeOf: Readonly<Record<WaymarkErrorCode, ProblemCode>> = {
  InvalidInput: 'invalid-input',
  TaskNotFound: 'task-not-found',
  Refused: 'refused',
  Unreachable: 'unreachable',
  Busy: 'busy',
  NoWorker: 'no-worker',
  TaskFailed: 'refused',
  TaskCancelled: 'refused',
  LinkInvalid: 'forbidden',
  LinkExpired: 'forbidden',
  Aborted: 'unreachable',
  StillOpen: 'busy',
  Unexpected: 'internal',
};

/** What a task refuses because of how it stands is a conflict; what it would never take is not. */
const refusedAs: Readonly<Partial<Record<RefusalCode, ProblemCode>>> = {
  Invalid: 'invalid-input',
  DoesNotFit: 'invalid-input',
  NotAllowed: 'not-yours',
};

/** Whatever was thrown, as a problem; what nobody foresaw keeps its words to itself. */
export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof WaymarkError && error.code !== 'Unexpected') return fromClient(error);
  if (isFailure(error, FailureType.MemoryUnavailable))
    return new Problem('unreachable', wordsOf(error), { cause: error });
  if (isFailure(error, FailureType.MemoryIndexMismatch)) {
    return new Problem('memories-elsewhere', wordsOf(error), { cause: error });
  }
  return new Problem('internal', 'The request was not carried out.', { cause: error });
}

const BUSY_RETRY_S = '2';

function fromClient(error: WaymarkError): Problem {
  const headers = error.code === 'Busy' ? { headers: { 'Retry-After': BUSY_RETRY_S } } : {};
  const code = (error.refusal && refusedAs[error.refusal]) ?? codeOf[error.code];
  return new Problem(code, error.message, { cause: error, ...headers });
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
