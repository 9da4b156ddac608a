import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { z } from 'zod';
import { inboxQuery, listQuery, requestParam, taskParam } from '../api/request-schemas.ts';
import type { Desk } from '../desk.ts';
import { defined } from '../defined.ts';
import { answerTool } from './answer-tool.ts';
import { followTask } from './follow-task.ts';

const readOnly = { readOnlyHint: true, openWorldHint: false } as const;
const HOUR_MS = 3_600_000;

/** Tools that change nothing. */
export function addReadingTools(server: McpServer, desk: Desk): void {
  const { shape: task } = z.object({ task: taskParam.shape.task });
  server.registerTool(
    'list_agents',
    { description: 'The agents there are, with JSON Schemas of what they take and give.', annotations: readOnly },
    () => answerTool(() => desk.agents()),
  );
  server.registerTool(
    'list_tasks',
    {
      description: 'Tasks: the open ones, then those that have ended; the newest first.',
      inputSchema: { ...listQuery.shape, limit: z.int().min(1).max(100).optional() },
      annotations: readOnly,
    },
    (filter) => answerTool(() => desk.list({ limit: 20, ...defined(filter) })),
  );
  server.registerTool(
    'get_task',
    {
      description: 'How a task stands: status, plan, open questions, result.',
      inputSchema: task,
      annotations: readOnly,
    },
    (given) => answerTool(() => desk.show(given.task)),
  );
  server.registerTool(
    'follow_task',
    {
      description:
        'What happened in a task since `from`; waits until it asks something, ends, or the seconds are over. Give ' +
        '`next` back as `from` to go on.',
      inputSchema: {
        ...task,
        from: z.string().optional().describe('`next` of the last call. Default: from the beginning.'),
        seconds: z.int().min(0).max(50).optional().describe('How long to wait. Default 20.'),
      },
      annotations: readOnly,
    },
    (given, { signal }) => answerTool(() => followTask(desk, { ...defined(given), task: given.task, signal })),
  );
  server.registerTool(
    'inbox',
    {
      description: 'Open questions and approvals of all tasks, the oldest first.',
      inputSchema: {
        for: inboxQuery.shape.for,
        agent: inboxQuery.shape.agent,
        olderThanHours: z.number().min(0).optional(),
      },
      annotations: readOnly,
    },
    ({ olderThanHours: hours, ...filter }) =>
      answerTool(() =>
        desk.inbox({ ...defined(filter), ...(hours === undefined ? {} : { olderThan: Math.ceil(hours * HOUR_MS) }) }),
      ),
  );
  server.registerTool(
    'get_request',
    {
      description: 'One question or approval with its background: goal, plan, what happened last, why.',
      inputSchema: { task: requestParam.shape.task, request: requestParam.shape.request },
      annotations: readOnly,
    },
    (given) => answerTool(() => desk.request(given.task, given.request)),
  );
}
