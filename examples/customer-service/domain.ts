import { z } from 'zod';

export const accountSchema = z.object({
  id: z.string(),
  company: z.string(),
  contact: z.object({ name: z.string(), email: z.string() }),
  country: z.string(),
  size: z.number(),
});
export type Account = z.output<typeof accountSchema>;

export const importSchema = z.object({
  id: z.string(),
  workspaceId: z.string(),
  source: z.string(),
  startedAt: z.string(),
  doneAt: z.string(),
  rows: z.number(),
  rejected: z.array(z.object({ line: z.number(), problem: z.string() })),
  headline: z.string(),
  /** Why nothing could be imported. */
  error: z.string().optional(),
});
export type DataImport = z.output<typeof importSchema>;

/** Everything that ever happened to a customer. The state is what follows from these, in order. */
export const eventSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('account-created'), account: accountSchema }),
  z.object({ type: z.literal('workspace-created'), id: z.string(), accountId: z.string(), name: z.string() }),
  z.object({ type: z.literal('plan-chosen'), workspaceId: z.string(), plan: z.string() }),
  z.object({ type: z.literal('import-started'), import: importSchema }),
  z.object({ type: z.literal('colleague-invited'), id: z.string(), workspaceId: z.string(), email: z.string() }),
  z.object({ type: z.literal('first-report-run'), workspaceId: z.string(), headline: z.string() }),
  z.object({ type: z.literal('went-live'), workspaceId: z.string(), at: z.string() }),
  z.object({ type: z.literal('account-closed'), accountId: z.string() }),
  z.object({ type: z.literal('workspace-closed'), workspaceId: z.string() }),
  z.object({ type: z.literal('invitation-withdrawn'), workspaceId: z.string(), id: z.string() }),
]);
export type DomainEvent = z.output<typeof eventSchema>;

export interface Workspace {
  readonly id: string;
  readonly accountId: string;
  readonly name: string;
  plan: string | null;
  firstReport: string | null;
  liveSince: string | null;
  invited: { readonly id: string; readonly email: string }[];
  readonly imports: DataImport[];
}

export interface CustomerState {
  /** How many there ever were: a number is not given twice. */
  readonly created: { accounts: number; workspaces: number; invitations: number };
  readonly accounts: Map<string, Account>;
  readonly workspaces: Map<string, Workspace>;
}

export function emptyState(): CustomerState {
  return { created: { accounts: 0, workspaces: 0, invitations: 0 }, accounts: new Map(), workspaces: new Map() };
}

/** Changes the state by one event. */
export function apply(state: CustomerState, event: DomainEvent): void {
  if (event.type === 'account-created') {
    state.created.accounts += 1;
    state.accounts.set(event.account.id, event.account);
    return;
  }
  if (event.type === 'workspace-created') {
    const { id, accountId, name } = event;
    state.created.workspaces += 1;
    const nothingYet = { plan: null, firstReport: null, liveSince: null, invited: [], imports: [] };
    state.workspaces.set(id, { id, accountId, name, ...nothingYet });
    return;
  }
  if (event.type === 'account-closed') {
    state.accounts.delete(event.accountId);
    return;
  }
  if (event.type === 'workspace-closed') {
    state.workspaces.delete(event.workspaceId);
    return;
  }
  const workspaceId = event.type === 'import-started' ? event.import.workspaceId : event.workspaceId;
  if (event.type === 'colleague-invited') state.created.invitations += 1;
  const workspace = state.workspaces.get(workspaceId);
  if (workspace) applyToWorkspace(workspace, event);
}

type WorkspaceEvent = Exclude<
  DomainEvent,
  { type: 'account-created' | 'workspace-created' | 'account-closed' | 'workspace-closed' }
>;

function applyToWorkspace(workspace: Workspace, event: WorkspaceEvent): void {
  switch (event.type) {
    case 'plan-chosen':
      workspace.plan = event.plan;
      break;
    case 'import-started':
      workspace.imports.push(event.import);
      break;
    case 'colleague-invited':
      workspace.invited.push({ id: event.id, email: event.email });
      break;
    case 'invitation-withdrawn':
      workspace.invited = workspace.invited.filter(({ id }) => id !== event.id);
      break;
    case 'first-report-run':
      workspace.firstReport = event.headline;
      break;
    case 'went-live':
      workspace.liveSince = event.at;
      break;
  }
}

/** What an effect is about: two effects with the same name are the same thing done twice. */
export function effectName(event: DomainEvent): string {
  return nameOf(event).toLowerCase();
}

function nameOf(event: DomainEvent): string {
  if (event.type === 'account-created') return `account ${event.account.company} ${event.account.contact.email}`;
  if (event.type === 'workspace-created') return `workspace ${event.accountId} ${event.name}`;
  if (event.type === 'plan-chosen') return `plan ${event.workspaceId} ${event.plan}`;
  if (event.type === 'colleague-invited') return `invitation ${event.workspaceId} ${event.email}`;
  if (event.type === 'account-closed') return `closed ${event.accountId}`;
  if (event.type === 'invitation-withdrawn') return `withdrawn ${event.id}`;
  if (event.type !== 'import-started') return `${event.type} ${event.workspaceId}`;
  const { id, workspaceId, source, error } = event.import;
  // A failed import carried nothing in; starting it again is no repetition.
  return error === undefined ? `import ${workspaceId} ${source}` : `failed import ${id}`;
}
