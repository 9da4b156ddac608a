/**
 * Ids keep to a strict alphabet, because they become parts of Redis keys, TAG values, workflow ids and URLs:
 * letters, digits, `_`, `-`, `.`, `@` and `+`, starting with a letter or digit, at most 128 characters.
 */
const ID = /^[A-Za-z0-9][A-Za-z0-9_.@+-]{0,127}$/;
const NAME = /^[a-z][a-z0-9-]{0,63}$/;

/** The tenant of everything that names none. */
export const DEFAULT_TENANT = 'default';

/** Where an agent task lives: its tenant, and its workflow id. */
export interface TaskRef {
  readonly tenant: string;
  readonly taskId: string;
}

/** A task's id taken apart. */
export interface TaskName {
  readonly tenant: string;
  readonly agent: string;
  readonly key: string;
}

/** Is this a well-formed id (tenant, business key, subject, memory id)? */
export function isId(value: string): boolean {
  return ID.test(value);
}

/** Is this a well-formed agent or tool name part: lower case, digits, dashes, at most 64 characters? */
export function isName(value: string): boolean {
  return NAME.test(value);
}

/** A sentence for people saying what an id must look like. */
export const ID_RULE = 'letters, digits and _ - . @ + only, starting with a letter or digit, at most 128 characters';

/**
 * The workflow id of a task: `agent:key`, or `tenant:agent:key` outside the default tenant.
 * @throws RangeError when a part breaks the alphabet
 */
export function taskIdOf({ tenant, agent, key }: TaskName): string {
  if (!isId(tenant)) throw new RangeError(`tenant "${tenant}" is not an id: ${ID_RULE}`);
  if (!isName(agent)) throw new RangeError(`agent "${agent}" is not a name: lower case letters, digits and dashes`);
  if (!isId(key)) throw new RangeError(`key "${key}" is not an id: ${ID_RULE}`);
  return tenant === DEFAULT_TENANT ? `${agent}:${key}` : `${tenant}:${agent}:${key}`;
}

/** The parts of a workflow id made by {@link taskIdOf}, or `undefined` where it is no such id. */
export function parseTaskId(taskId: string): TaskName | undefined {
  const parts = taskId.split(':');
  if (parts.length === 2) parts.unshift(DEFAULT_TENANT);
  const [tenant, agent, key] = parts;
  if (parts.length !== 3 || tenant === undefined || agent === undefined || key === undefined) return undefined;
  return isId(tenant) && isName(agent) && isId(key) ? { tenant, agent, key } : undefined;
}

/** A task's id made unique over time: a key may be used again after its first task has failed. */
export function uniqueTaskId(taskId: string, startedAt: string): string {
  return `${taskId}:${Date.parse(startedAt).toString(36)}`;
}
