import { z } from 'zod';
import type { CustomerData } from './customer-data.ts';
import type { CustomerState, DataImport, DomainEvent, Workspace } from './domain.ts';
import { plans, planOf } from './plans.ts';

/** A request as the rules see it. */
export interface ServiceRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: unknown;
  readonly now: Date;
  /** Reads the data that an import names. */
  readonly readData: (source: string) => Promise<CustomerData>;
}

/** What is answered, and what is thereby done. */
export interface Reply {
  readonly status: number;
  readonly body: z.core.util.JSONType;
  readonly effect?: DomainEvent;
}

type Rule = (state: CustomerState, request: ServiceRequest, id: string) => Reply | Promise<Reply>;

const email = z.email().transform((address) => address.toLowerCase());
const newAccount = z.object({
  company: z.string().min(1).max(200),
  contact: z.object({ name: z.string().min(1), email }),
  country: z.string().regex(/^[A-Z]{2}$/, 'two capital letters'),
  size: z.number().int().min(1),
});

const rules: readonly { readonly method: string; readonly path: RegExp; readonly rule: Rule }[] = [
  { method: 'GET', path: /^\/health$/, rule: () => ({ status: 200, body: { status: 'ok' } }) },
  {
    method: 'GET',
    path: /^\/plans$/,
    rule: () => ({ status: 200, body: { plans: plans.map((plan) => ({ ...plan })) } }),
  },
  { method: 'GET', path: /^\/accounts$/, rule: findAccounts },
  { method: 'POST', path: /^\/accounts$/, rule: createAccount },
  { method: 'POST', path: /^\/accounts\/([\w-]+)\/workspaces$/, rule: createWorkspace },
  { method: 'GET', path: /^\/workspaces\/([\w-]+)$/, rule: inWorkspace((workspace, { now }) => found(workspace, now)) },
  { method: 'PUT', path: /^\/workspaces\/([\w-]+)\/plan$/, rule: inWorkspace(choosePlan) },
  { method: 'POST', path: /^\/workspaces\/([\w-]+)\/imports$/, rule: inWorkspace(startImport) },
  { method: 'GET', path: /^\/imports\/([\w-]+)$/, rule: findImport },
  { method: 'POST', path: /^\/workspaces\/([\w-]+)\/invitations$/, rule: inWorkspace(invite) },
  { method: 'DELETE', path: /^\/accounts\/([\w-]+)$/, rule: closeAccount },
  { method: 'DELETE', path: /^\/workspaces\/([\w-]+)$/, rule: inWorkspace(closeWorkspace) },
  { method: 'DELETE', path: /^\/invitations\/([\w-]+)$/, rule: withdrawInvitation },
  { method: 'POST', path: /^\/workspaces\/([\w-]+)\/first-report$/, rule: inWorkspace(runFirstReport) },
  { method: 'POST', path: /^\/workspaces\/([\w-]+)\/go-live$/, rule: inWorkspace(goLive) },
];

/** Decides what a request means for the state. Changes nothing. */
export async function decide(state: CustomerState, request: ServiceRequest): Promise<Reply> {
  for (const { method, path, rule } of rules) {
    const match = path.exec(request.path);
    if (match && method === request.method) return rule(state, request, match[1] ?? '');
  }
  return rejected(404, `there is no ${request.method} ${request.path}`);
}

/** An answer that changes nothing. */
export function rejected(status: number, error: string): Reply {
  return { status, body: { error } };
}

function misfit(error: z.ZodError): Reply {
  return rejected(422, error.issues.map((issue) => `${issue.path.join('.') || 'body'}: ${issue.message}`).join('; '));
}

function findAccounts(state: CustomerState, { query, now }: ServiceRequest): Reply {
  const address = query.get('email')?.toLowerCase();
  const accounts = [...state.accounts.values()].filter((account) => account.contact.email === address);
  const workspacesOf = (accountId: string): Workspace[] =>
    [...state.workspaces.values()].filter((workspace) => workspace.accountId === accountId);
  return {
    status: 200,
    body: {
      accounts: accounts.map((account) => ({
        accountId: account.id,
        company: account.company,
        workspaces: workspacesOf(account.id).map((workspace) => shownWorkspace(workspace, now)),
      })),
    },
  };
}

function createAccount(state: CustomerState, { body }: ServiceRequest): Reply {
  const parsed = newAccount.safeParse(body);
  if (!parsed.success) return misfit(parsed.error);
  const id = `acc-${1001 + state.created.accounts}`;
  return {
    status: 201,
    body: { accountId: id, company: parsed.data.company },
    effect: { type: 'account-created', account: { id, ...parsed.data } },
  };
}

function createWorkspace(state: CustomerState, { body }: ServiceRequest, accountId: string): Reply {
  if (!state.accounts.has(accountId)) return rejected(404, `there is no account ${accountId}`);
  const parsed = z.object({ name: z.string().min(1).max(100) }).safeParse(body);
  if (!parsed.success) return misfit(parsed.error);
  const id = `ws-${1001 + state.created.workspaces}`;
  const { name } = parsed.data;
  return {
    status: 201,
    body: { workspaceId: id, accountId, name },
    effect: { type: 'workspace-created', id, accountId, name },
  };
}

/** A rule about a workspace that exists. */
function inWorkspace(
  rule: (workspace: Workspace, request: ServiceRequest, state: CustomerState) => Reply | Promise<Reply>,
): Rule {
  return (state, request, id) => {
    const workspace = state.workspaces.get(id);
    return workspace ? rule(workspace, request, state) : rejected(404, `there is no workspace ${id}`);
  };
}

function choosePlan(workspace: Workspace, { body }: ServiceRequest): Reply {
  const parsed = z.object({ plan: z.string() }).safeParse(body);
  if (!parsed.success) return misfit(parsed.error);
  const plan = planOf(parsed.data.plan);
  if (!plan)
    return rejected(422, `there is no plan "${parsed.data.plan}"; plans: ${plans.map(({ id }) => id).join(', ')}`);
  return {
    status: 200,
    body: { workspaceId: workspace.id, plan: plan.id, seats: plan.seats },
    effect: { type: 'plan-chosen', workspaceId: workspace.id, plan: plan.id },
  };
}

async function startImport(workspace: Workspace, { body, now, readData }: ServiceRequest, state: CustomerState) {
  if (workspace.plan === null) return rejected(409, `workspace ${workspace.id} has no plan yet; choose one first`);
  const parsed = z.object({ source: z.string().min(1) }).safeParse(body);
  if (!parsed.success) return misfit(parsed.error);
  const data = await readData(parsed.data.source);
  const started = [...state.workspaces.values()].reduce((sum, { imports }) => sum + imports.length, 0);
  const dataImport: DataImport = {
    id: `imp-${1001 + started}`,
    workspaceId: workspace.id,
    source: parsed.data.source,
    startedAt: now.toISOString(),
    doneAt: new Date(now.getTime() + 150 + Math.min(data.rows * 3, 1_000)).toISOString(),
    ...data,
  };
  return {
    status: 202,
    body: shownImport(dataImport, now),
    effect: { type: 'import-started', import: dataImport },
  } as const;
}

function findImport(state: CustomerState, { now }: ServiceRequest, id: string): Reply {
  for (const { imports } of state.workspaces.values()) {
    const dataImport = imports.find((candidate) => candidate.id === id);
    if (dataImport) return { status: 200, body: shownImport(dataImport, now) };
  }
  return rejected(404, `there is no import ${id}`);
}

function invite(workspace: Workspace, { body }: ServiceRequest, state: CustomerState): Reply {
  const parsed = z.object({ email }).safeParse(body);
  if (!parsed.success) return misfit(parsed.error);
  const plan = planOf(workspace.plan ?? '');
  if (!plan) return rejected(409, `workspace ${workspace.id} has no plan yet; choose one first`);
  if (workspace.invited.length + 1 >= plan.seats) {
    return rejected(409, `plan ${plan.id} has ${plan.seats} seats and all are taken; choose a larger plan`);
  }
  const id = `inv-${1001 + state.created.invitations}`;
  const address = parsed.data.email;
  return {
    status: 201,
    body: { invitationId: id, workspaceId: workspace.id, email: address },
    effect: { type: 'colleague-invited', id, workspaceId: workspace.id, email: address },
  };
}

function closeAccount(state: CustomerState, _request: ServiceRequest, accountId: string): Reply {
  if (!state.accounts.has(accountId)) return rejected(404, `there is no account ${accountId}`);
  const open = [...state.workspaces.values()].find((workspace) => workspace.accountId === accountId);
  if (open) return rejected(409, `account ${accountId} still has workspace ${open.id}; close that first`);
  return { status: 200, body: { accountId, closed: true }, effect: { type: 'account-closed', accountId } };
}

function closeWorkspace({ id: workspaceId, liveSince }: Workspace): Reply {
  if (liveSince !== null) return rejected(409, `workspace ${workspaceId} is live; take it down first`);
  return { status: 200, body: { workspaceId, closed: true }, effect: { type: 'workspace-closed', workspaceId } };
}

function withdrawInvitation(state: CustomerState, _request: ServiceRequest, id: string): Reply {
  const workspace = [...state.workspaces.values()].find(({ invited }) => invited.some((one) => one.id === id));
  if (!workspace) return rejected(404, `there is no invitation ${id}`);
  const body = { invitationId: id, workspaceId: workspace.id, withdrawn: true };
  return { status: 200, body, effect: { type: 'invitation-withdrawn', workspaceId: workspace.id, id } };
}

function runFirstReport(workspace: Workspace, { now }: ServiceRequest): Reply {
  const done = workspace.imports.find((dataImport) => statusOf(dataImport, now) === 'done');
  if (!done) return rejected(409, `workspace ${workspace.id} has no finished import to report on`);
  return {
    status: 201,
    body: { workspaceId: workspace.id, headline: done.headline },
    effect: { type: 'first-report-run', workspaceId: workspace.id, headline: done.headline },
  };
}

function goLive(workspace: Workspace, { now }: ServiceRequest): Reply {
  if (workspace.firstReport === null)
    return rejected(409, `workspace ${workspace.id} has not had its first success yet`);
  return {
    status: 200,
    body: { ...shownWorkspace(workspace, now), live: true },
    effect: { type: 'went-live', workspaceId: workspace.id, at: now.toISOString() },
  };
}

function found(workspace: Workspace, now: Date): Reply {
  return { status: 200, body: shownWorkspace(workspace, now) };
}

function statusOf(dataImport: DataImport, now: Date): 'running' | 'done' | 'failed' {
  if (dataImport.doneAt > now.toISOString()) return 'running';
  return dataImport.error === undefined ? 'done' : 'failed';
}

function shownImport(dataImport: DataImport, now: Date) {
  const { id: importId, source, startedAt, doneAt, rows, rejected: badRows, error } = dataImport;
  const status = statusOf(dataImport, now);
  if (status === 'failed') return { importId, source, status, error: error ?? '' };
  if (status === 'done') return { importId, source, status, rows, rejectedRows: badRows };
  const share = (now.getTime() - Date.parse(startedAt)) / (Date.parse(doneAt) - Date.parse(startedAt));
  return { importId, source, status, percent: Math.max(0, Math.floor(share * 100)), expectedBy: doneAt };
}

function shownWorkspace(workspace: Workspace, now: Date) {
  const { id: workspaceId, accountId, name, plan, firstReport, liveSince } = workspace;
  return {
    workspaceId,
    accountId,
    name,
    plan,
    imports: workspace.imports.map((dataImport) => shownImport(dataImport, now)),
    invited: workspace.invited.map((invitation) => invitation.email),
    firstReport,
    live: liveSince !== null,
  };
}
