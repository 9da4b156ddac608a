import type { Client } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/client';
import { approvalRegisterId } from '../contracts/remembered-approvals.ts';
import type { RememberedDecision } from '../contracts/remembered-approvals.ts';
import type { Actor } from '../contracts/transcript.ts';
import { decisionsQuery, forgetUpdate } from '../workflows/remembered-approvals.ts';
import { WaymarkError } from './errors.ts';
import { asWaymarkError } from './temporal-errors.ts';

/** What a tenant's people have decided on tool calls for subjects and agents, until it is taken back. */
export interface RememberedApprovals {
  /** The newest last. @throws WaymarkError `Unreachable` */
  list(): Promise<readonly RememberedDecision[]>;
  /** Later calls are asked about again. @throws WaymarkError `Refused` where there is no such decision */
  forget(id: string, by?: Actor): Promise<void>;
}

export function createRememberedApprovals(options: {
  readonly temporal: Client;
  readonly address: string;
  readonly tenant: string;
  readonly actor: Actor;
}): RememberedApprovals {
  const { temporal, address, tenant, actor } = options;
  const register = temporal.workflow.getHandle(approvalRegisterId(tenant));
  const about = { taskId: approvalRegisterId(tenant), address };
  return {
    list: async () => {
      try {
        return await register.query(decisionsQuery);
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return [];
        throw asWaymarkError(error, about);
      }
    },
    forget: async (id, by = actor) => {
      try {
        await register.executeUpdate(forgetUpdate, { args: [{ id, by }] });
      } catch (error) {
        if (!(error instanceof WorkflowNotFoundError)) throw asWaymarkError(error, about);
        throw new WaymarkError('Refused', 'Nothing is remembered for this tenant.', {
          cause: error,
          refusal: 'Unknown',
        });
      }
    },
  };
}
