import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { z } from 'zod';
import { rememberScopes } from '../../contracts/remembered-approvals.ts';
import * as request from '../api/request-schemas.ts';
import { defined } from '../defined.ts';
import type { Desk } from '../desk.ts';
import { answerTool } from './answer-tool.ts';

const { task } = request.taskParam.shape;
const remember = z
  .enum(rememberScopes)
  .optional()
  .describe('Decide later calls asked about for the same reason, too. Only where the person you work for said so.');

/** Tools that send a message to a task, as far as the caller's rights go. */
export function addMessageTools(server: McpServer, desk: Desk): void {
  const { rights } = desk.caller;
  if (rights.includes('send')) addSending(server, desk);
  if (rights.includes('answer')) addAnswering(server, desk);
  if (rights.includes('control')) addControl(server, desk);
}

function addSending(server: McpServer, desk: Desk): void {
  const { text } = request.sendBody.shape;
  server.registerTool(
    'send_message',
    { description: 'Send a message to a task; the agent reads it at its next turn.', inputSchema: { task, text } },
    (given) => answerTool(() => desk.send(given.task, { text: given.text })),
  );
  server.registerTool(
    'deliver_event',
    {
      description: 'Deliver an event that a task waits for, or will wait for.',
      inputSchema: { task, event: request.eventParam.shape.event, text },
    },
    (given) => answerTool(() => desk.send(given.task, { text: given.text, event: given.event })),
  );
}

function addAnswering(server: McpServer, desk: Desk): void {
  const { call } = request.callParam.shape;
  server.registerTool(
    'answer_question',
    {
      description: 'Answer a question of a task, as the person you work for decided.',
      inputSchema: { task, question: request.questionParam.shape.question, answer: request.answerBody.shape.answer },
    },
    (given) => answerTool(() => desk.answer(given.task, { questionId: given.question, text: given.answer })),
  );
  server.registerTool(
    'approve_call',
    {
      description: 'Allow a tool call that waits for approval, perhaps with other arguments.',
      inputSchema: {
        task,
        call,
        arguments: z.record(z.string(), z.unknown()).optional().describe('Call it with these instead, whole.'),
        remember,
      },
    },
    ({ arguments: changed, ...given }) =>
      answerTool(() =>
        desk.approve(given.task, {
          callId: given.call,
          ...(changed === undefined ? {} : { arguments: JSON.stringify(changed) }),
          ...defined({ remember: given.remember }),
        }),
      ),
  );
  server.registerTool(
    'reject_call',
    {
      description: 'Refuse a tool call that waits for approval; the agent is told why.',
      inputSchema: { task, call, reason: request.rejectBody.shape.reason, remember },
    },
    (given) =>
      answerTool(() =>
        desk.reject(given.task, {
          callId: given.call,
          reason: given.reason,
          ...defined({ remember: given.remember }),
        }),
      ),
  );
  server.registerTool(
    'delegate_request',
    {
      description: 'Hand a question or an approval on to somebody else, who is told.',
      inputSchema: {
        task,
        request: request.requestParam.shape.request,
        to: request.delegateBody.shape.to,
        note: z.string().min(1).max(2_000).optional().describe('For whom it is handed to.'),
      },
    },
    (given) =>
      answerTool(() =>
        desk.delegate(given.task, { requestId: given.request, to: given.to, ...defined({ note: given.note }) }),
      ),
  );
}

function addControl(server: McpServer, desk: Desk): void {
  const { reason } = request.cancelBody.shape;
  server.registerTool(
    'pause_task',
    {
      description: 'Pause a task, until somebody resumes it or a moment comes.',
      inputSchema: { task, reason, until: z.iso.datetime().optional() },
    },
    ({ task: id, ...given }) => answerTool(() => desk.pause(id, { ...defined(given), reason: given.reason })),
  );
  server.registerTool(
    'resume_task',
    {
      description: 'Let a paused or blocked task go on.',
      inputSchema: { task, note: z.string().min(1).max(10_000).optional() },
    },
    (given) => answerTool(() => desk.resume(given.task, defined({ note: given.note }))),
  );
  server.registerTool(
    'cancel_task',
    { description: 'Cancel a task.', inputSchema: { task, reason }, annotations: { destructiveHint: true } },
    (given) => answerTool(() => desk.cancel(given.task, { reason: given.reason })),
  );
}
