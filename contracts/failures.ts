import { ApplicationFailure } from '@temporalio/common';

/** Every failure Waymark throws towards Temporal carries one of these types. */
export const FailureType = {
  ModelRateLimit: 'ModelError.RateLimit',
  ModelTimeout: 'ModelError.Timeout',
  ModelAnswerTime: 'ModelError.AnswerTime',
  ModelConflict: 'ModelError.Conflict',
  ModelServerError: 'ModelError.ServerError',
  ModelAuthentication: 'ModelError.Authentication',
  ModelBadRequest: 'ModelError.BadRequest',
  ModelNotFound: 'ModelError.NotFound',
  ModelRefused: 'ModelError.Refused',
  ModelContextOverflow: 'ModelError.ContextOverflow',
  MemoryUnavailable: 'MemoryUnavailable',
  MemoryIndexMismatch: 'MemoryIndexMismatch',
  ContextMissing: 'ContextMissing',
  InvalidTaskInput: 'InvalidTaskInput',
  UnknownAgent: 'UnknownAgent',
  ToolBackend: 'ToolBackend',
  ToolGone: 'ToolGone',
  BudgetTokens: 'Budget.Tokens',
  BudgetMoney: 'Budget.Money',
  BudgetTurns: 'Budget.Turns',
  BudgetTime: 'Budget.Time',
  BudgetTenant: 'Budget.Tenant',
  BudgetAccounting: 'BudgetAccounting',
  InvalidJudgement: 'InvalidJudgement',
  EvaluatorBroken: 'EvaluatorBroken',
  UnansweredQuestion: 'Unanswered.Question',
  UnansweredApproval: 'Unanswered.Approval',
  NotifierBroken: 'NotifierBroken',
  NotifierRefused: 'NotifierRefused',
  TaskFailed: 'TaskFailed',
  Refused: 'Refused',
} as const;
export type FailureType = (typeof FailureType)[keyof typeof FailureType];

/** The detail of a failed tool call that ended before its tool was called for the first time. */
export const NEVER_BEGAN = 'never began';

/** The detail of a failed tool call whose tool says that it surely changed nothing. */
export const DID_NOT_ACT = 'did not act';

/** Failures that trying again cannot mend. */
const NON_RETRYABLE: ReadonlySet<FailureType> = new Set<FailureType>([
  FailureType.ModelAnswerTime,
  FailureType.ModelAuthentication,
  FailureType.ModelBadRequest,
  FailureType.ModelNotFound,
  FailureType.ModelRefused,
  FailureType.ModelContextOverflow,
  FailureType.MemoryIndexMismatch,
  FailureType.ContextMissing,
  FailureType.InvalidTaskInput,
  FailureType.UnknownAgent,
  FailureType.ToolGone,
  FailureType.BudgetTokens,
  FailureType.BudgetMoney,
  FailureType.BudgetTurns,
  FailureType.BudgetTime,
  FailureType.BudgetTenant,
  FailureType.BudgetAccounting,
  FailureType.InvalidJudgement,
  FailureType.NotifierRefused,
  FailureType.TaskFailed,
  FailureType.Refused,
]);

export interface FailureOptions {
  /** What happened, to which id, what to do next: one or two sentences for people. */
  readonly message: string;
  readonly cause?: unknown;
  /** Milliseconds the provider asked us to wait before the next attempt. */
  readonly retryAfterMs?: number | undefined;
  readonly details?: readonly unknown[];
}

/** The one way to make a failure; whether it is retried follows from its type. */
export function failure(type: FailureType, options: FailureOptions): ApplicationFailure {
  return ApplicationFailure.create({
    type,
    message: options.message,
    nonRetryable: NON_RETRYABLE.has(type),
    ...(options.cause instanceof Error ? { cause: options.cause } : {}),
    ...(options.retryAfterMs !== undefined ? { nextRetryDelay: options.retryAfterMs } : {}),
    ...(options.details ? { details: [...options.details] } : {}),
  });
}

/** Is this error an `ApplicationFailure` of that type? */
export function isFailure(error: unknown, type: FailureType): boolean {
  return error instanceof ApplicationFailure && error.type === type;
}
