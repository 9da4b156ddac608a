import { ApplicationFailure } from '@temporalio/common';
import { DID_NOT_ACT, failure, FailureType } from '../../contracts/failures.ts';
import type { ExecuteToolInput } from '../../contracts/stages.ts';
import type { ToolOutcome } from '../../contracts/transcript.ts';
import type { Claim, ClaimRequest } from '../../tools/claims.ts';
import type { Probed, Tool } from '../../tools/define-tool.ts';
import { attemptNumber, attemptOfFence, fenceOf, leaseMs, runOfStage } from '../attempt.ts';
import type { StageDependencies } from '../dependencies.ts';
import { afterwards } from '../transcript/project-entry.ts';
import { now } from '../transcript/publish.ts';

const LONGEST_ARGUMENTS = 300;

/** A call that changes the world. */
export interface ClaimedCall {
  readonly tool: Tool;
  readonly claimId: string;
  readonly arguments: string;
  /** Waits until the tool may be called at all; what it throws says that it was not. */
  readonly enter: () => Promise<void>;
  readonly run: () => Promise<ToolOutcome>;
  /** Looks whether the call took effect; absent where the tool offers no check. Never throws. */
  readonly probe?: () => Promise<Probed>;
  /** What a probe found the tool to have answered, as an outcome. */
  readonly found: (result: unknown) => Promise<ToolOutcome>;
}

type Claims = Pick<StageDependencies, 'claims'>;

/** Acts under a claim, so that a call that may have acted is never made blindly again. */
export async function runClaimed(
  dependencies: Claims,
  input: ExecuteToolInput,
  call: ClaimedCall,
): Promise<ToolOutcome> {
  const once = call.tool.description.effect === 'once';
  const request = { task: input.task, callId: call.claimId, attempt: fenceOf(input) };
  const asked = Date.now();
  const claim = await dependencies.claims.claim({ ...request, takeOver: !once, ...triedSince(input) });
  if (claim.kind === 'settled') return claim.outcome;
  if (claim.kind !== 'claimed') return settleUnknown(dependencies, request, call, claim);
  await call.enter().catch(async (error: unknown) => {
    if (once) await dependencies.claims.release(request);
    throw error;
  });
  if (Date.now() - asked > leaseMs()) {
    const held = await claimAgain(dependencies, request, call);
    if (held.kind === 'settled') return held.outcome;
  }
  const at = now();
  const outcome = await call.run().catch(async (error: unknown) => {
    if (!once) throw error;
    if (didNotAct(error)) {
      await dependencies.claims.release(request);
      throw error;
    }
    const why = `it broke off: ${error instanceof Error ? error.message : String(error)}`;
    return foundOut(call, { why, at, attempt: attemptNumber() });
  });
  await settle(dependencies, request, outcome);
  return outcome;
}

/**
 * A worker that was stopped since it claimed may have been given up, and its successor told that nothing happened: it
 * acts only if the claim is still its own.
 * @throws ApplicationFailure `ToolBackend` where it is not; nobody waits for this attempt any more
 */
async function claimAgain({ claims }: Claims, request: ClaimRequest, { tool }: ClaimedCall): Promise<Claim> {
  const claim = await claims.claim({ ...request, takeOver: true });
  if (claim.kind === 'claimed' || claim.kind === 'settled') return claim;
  const message = `Tool ${tool.description.name} was not called: this worker stood still, and another attempt took over.`;
  throw failure(FailureType.ToolBackend, { message });
}

function didNotAct(error: unknown): boolean {
  return error instanceof ApplicationFailure && error.details?.[0] === DID_NOT_ACT;
}

/** Whether an earlier attempt may have acted: tried before, started before, or made by this task before it was reset. */
function triedSince({ ledger, again }: ExecuteToolInput): { readonly triedSince?: string } {
  const wasReset = ledger !== undefined && !ledger.startsWith(`${runOfStage()}.`);
  const tried = attemptNumber() > 1 || again === true || wasReset;
  return tried ? { triedSince: ledger ?? 'unnamed' } : {};
}

/** Takes the claim over, so that who held it cannot settle it any more, and settles it with what can be found out. */
async function settleUnknown(
  { claims }: Claims,
  request: ClaimRequest,
  call: ClaimedCall,
  claim: Extract<Claim, { kind: 'open' | 'lost' }>,
): Promise<ToolOutcome> {
  const taken = await claims.claim({ ...request, takeOver: true });
  if (taken.kind === 'settled') return taken.outcome;
  const outcome = await foundOut(call, heldBy(claim));
  if (taken.kind === 'claimed') await settle({ claims }, request, outcome);
  return outcome;
}

async function settle({ claims }: Claims, request: ClaimRequest, outcome: ToolOutcome): Promise<void> {
  const { callId, task } = request;
  await afterwards(`claim ${callId} of ${task.taskId}`, () => claims.settle({ ...request, outcome }));
}

/** What is known of a claim whose outcome is not. */
interface Doubt {
  readonly why: string;
  readonly at?: string;
  readonly attempt?: number;
}

function heldBy(claim: Extract<Claim, { kind: 'open' | 'lost' }>): Doubt {
  if (claim.kind === 'lost')
    return { why: 'the record of what was begun is lost, and an earlier attempt may have begun' };
  const { at, attempt } = claim;
  return { why: 'an earlier attempt began and never reported', at, attempt: attemptOfFence(attempt) };
}

/** Asks the tool's own check first; what that does not know either is told to the model as unknown. */
async function foundOut(call: ClaimedCall, doubt: Doubt): Promise<ToolOutcome> {
  const probed = await call.probe?.();
  const { name } = call.tool.description;
  if (probed?.kind === 'happened') return call.found(probed.result);
  if (probed?.kind === 'did-not-happen') {
    const text = `${name} did not take effect (${doubt.why}; its check found that nothing happened). Call it again if it is still wanted.`;
    return { status: 'failed', text };
  }
  return { status: 'unknown', text: unknownText(call, doubt, probed) };
}

function unknownText(call: ClaimedCall, { why, at, attempt }: Doubt, probed: Probed | undefined): string {
  const raw = call.arguments;
  const args = raw.length > LONGEST_ARGUMENTS ? `${raw.slice(0, LONGEST_ARGUMENTS)} …` : raw;
  const begun = at === undefined ? '' : ` It was begun at ${at} by attempt ${attempt ?? 1},`;
  const note = probed?.kind === 'unknown' && probed.note !== undefined ? ` (${probed.note})` : '';
  const next = probed
    ? `Its own check does not know either${note}: look with another tool that only reads, or ask a person.`
    : 'Look with a tool that only reads whether it happened before you go on, or ask a person.';
  return (
    `Outcome unknown: whether ${call.tool.description.name} took effect is not known (${why}).` +
    `${begun === '' ? ' It was asked for' : begun} with the arguments ${args}. It was not called again. ${next}`
  );
}
