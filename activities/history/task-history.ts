import type { Client } from '@temporalio/client';
import { undoIdOf } from '../../contracts/undo.ts';
import type { TaskHistory } from '../dependencies.ts';
import { readPastCalls, readUndone } from './past-calls.ts';
import { readTranscript } from './transcript.ts';

/** Reads tasks from their workflow histories. */
export function createTaskHistory(client: Client): TaskHistory {
  return {
    read: (task) => readTranscript(client, task),
    calls: (task) => readPastCalls(client, task),
    undone: ({ taskId }, runId) => readUndone(client, undoIdOf(taskId), runId),
  };
}
