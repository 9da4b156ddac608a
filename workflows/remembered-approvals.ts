import {
  allHandlersFinished,
  condition,
  continueAsNew,
  defineQuery,
  defineSignal,
  defineUpdate,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { failure, FailureType } from '../contracts/failures.ts';
import { holdsFor } from '../contracts/remembered-approvals.ts';
import type { RecallDecisionsInput, RememberedDecision } from '../contracts/remembered-approvals.ts';
import type { Actor } from '../contracts/transcript.ts';

/** All of the tenant, or those that hold for calls of a tool; the newest last. */
export const decisionsQuery = defineQuery<readonly RememberedDecision[], [about?: Omit<RecallDecisionsInput, 'task'>]>(
  'decisions',
);
export const rememberSignal = defineSignal<[RememberedDecision]>('remember');
/** Later calls are asked about again. Refused where there is no such decision. */
export const forgetUpdate = defineUpdate<void, [{ readonly id: string; readonly by: Actor }]>('forget');

export interface RegisterState {
  readonly tenant: string;
  readonly decisions: readonly RememberedDecision[];
}

const MOST_DECISIONS = 1_000;
const DECISIONS_SHOWN = 50;

/** Keeps what a tenant's people have decided on tool calls for good, until they take it back. */
export async function rememberedApprovals(start: RegisterState): Promise<void> {
  let { decisions } = start;
  const show = (): void => setCurrentDetails(detailsOf(decisions));
  setHandler(decisionsQuery, (about) => decisions.filter((one) => about === undefined || holdsFor(one, about)));
  setHandler(rememberSignal, (decision) => {
    decisions = withDecision(decisions, decision);
    show();
  });
  setHandler(
    forgetUpdate,
    ({ id }) => {
      decisions = decisions.filter((one) => one.id !== id);
      show();
    },
    {
      validator: ({ id }) => {
        if (decisions.some((one) => one.id === id)) return;
        throw failure(FailureType.Refused, {
          message: `No decision "${id}" is remembered. \`waymark approvals\` lists them.`,
          details: [{ refusal: 'Unknown' }],
        });
      },
    },
  );
  show();
  await condition(() => workflowInfo().continueAsNewSuggested && allHandlersFinished());
  await continueAsNew<typeof rememberedApprovals>({ tenant: start.tenant, decisions });
}

/** One decision for each kind of call: the newest holds. */
export function withDecision(
  decisions: readonly RememberedDecision[],
  decision: RememberedDecision,
): readonly RememberedDecision[] {
  const others = decisions.filter((one) => keyOf(one) !== keyOf(decision));
  return [...others, decision].slice(-MOST_DECISIONS);
}

function keyOf({ scope, agent, subject, tool, asked }: RememberedDecision): string {
  return JSON.stringify([scope, agent, subject ?? null, tool, asked]);
}

function detailsOf(decisions: readonly RememberedDecision[]): string {
  const lines = decisions.slice(-DECISIONS_SHOWN).map(({ verdict, tool, agent, subject, asked, by, at }) => {
    const whose = subject === undefined ? agent : `${agent} about ${subject}`;
    return `- ${verdict} \`${tool}\` of ${whose} *(asked because ${asked})*: ${by.id}, ${at}`;
  });
  return lines.length === 0 ? 'Nothing is remembered.' : lines.join('\n');
}
