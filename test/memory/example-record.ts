import type { TaskRecord } from '../../contracts/task-record.ts';

/** A task record, with any part replaced. */
export function exampleRecord(changes: Partial<TaskRecord> = {}): TaskRecord {
  return {
    taskId: 'onboarding:acme',
    tenant: 'default',
    agent: 'onboarding',
    key: 'acme',
    subject: 'acme-corp',
    goal: 'Bring Acme from sign-up to live',
    status: 'running',
    turn: 3,
    plan: [
      { id: 'account', title: 'Create the account', status: 'done', note: 'on the Pro plan' },
      { id: 'import', title: 'Import the data', status: 'active' },
    ],
    spentTokens: 1_234,
    startedAt: '2026-11-23T12:00:00.000Z',
    updatedAt: '2026-11-23T12:05:00.000Z',
    ...changes,
  };
}
