import { DEFAULT_TENANT, parseTaskId } from '../../contracts/ids.ts';
import { UsageError } from '../command-error.ts';

/** A task as it was named on the command line, made whole. */
export interface NamedTask {
  readonly tenant: string;
  readonly agent: string;
  readonly taskId: string;
}

/** Reads a task id; with `--tenant` the tenant may be left out of it. @throws UsageError */
export function readTaskId(given: string, tenant: string | undefined): NamedTask {
  const short = given.split(':').length === 2;
  const taskId = short && tenant !== undefined && tenant !== DEFAULT_TENANT ? `${tenant}:${given}` : given;
  const name = parseTaskId(taskId);
  if (!name) {
    throw new UsageError(`"${given}" is not a task id; one looks like onboarding:acme. \`waymark list\` shows them.`);
  }
  if (tenant !== undefined && name.tenant !== tenant) {
    throw new UsageError(`Task ${given} belongs to tenant "${name.tenant}", not to --tenant "${tenant}".`);
  }
  return { tenant: name.tenant, agent: name.agent, taskId };
}
