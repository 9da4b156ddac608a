import { sleep } from '@temporalio/workflow';

/** What a deploy must not be: code that does something else than what a task's history tells. */
export default async function unfitting(): Promise<void> {
  await sleep('1 day');
}
