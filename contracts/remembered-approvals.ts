import type { TaskRef } from './ids.ts';
import type { IsoTime } from './json.ts';
import type { Actor } from './transcript.ts';

/** For what a decision is remembered beyond its call. */
export const rememberScopes = ['task', 'subject', 'agent'] as const;
export type RememberScope = (typeof rememberScopes)[number];

/** A decision that holds for later calls that would be asked about for the same reason. */
export interface RememberedDecision {
  /** Tells it from every other of its tenant: the task and the call it was made for. */
  readonly id: string;
  readonly scope: RememberScope;
  /** Of that agent only. */
  readonly agent: string;
  /** Of that subject only, where the scope is `subject`. */
  readonly subject?: string;
  readonly tool: string;
  /** Why the call was asked about, as the approval said. */
  readonly asked: string;
  readonly verdict: 'allow' | 'refuse';
  /** Why it was refused. */
  readonly reason?: string;
  readonly by: Actor;
  /** In which roles `by` acted. */
  readonly roles?: readonly string[];
  readonly at: IsoTime;
}

/** Whose decisions are looked up for a call. */
export interface RecallDecisionsInput {
  readonly task: TaskRef;
  readonly agent: string;
  readonly subject?: string;
  readonly tool: string;
}

/** The workflow that keeps a tenant's remembered decisions. */
export function approvalRegisterId(tenant: string): string {
  return `waymark/remembered-approvals/${tenant}`;
}

/** Does it hold for calls of that tool, by that agent, about that subject? */
export function holdsFor(
  decision: RememberedDecision,
  { agent, subject, tool }: Pick<RecallDecisionsInput, 'agent' | 'subject' | 'tool'>,
): boolean {
  if (decision.tool !== tool || decision.agent !== agent) return false;
  return decision.scope !== 'subject' || decision.subject === subject;
}
