import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { startBody } from '../api/request-schemas.ts';
import type { Desk } from '../desk.ts';
import { answerTool } from './answer-tool.ts';

/** The tool that starts a task. */
export function addStartTool(server: McpServer, desk: Desk): void {
  const { agent, input, key } = startBody.shape;
  server.registerTool(
    'start_task',
    {
      description: 'Start a task of an agent. The same key of an agent is the same task, however often it is started.',
      inputSchema: { agent, input, key: key.unwrap().optional() },
    },
    (given) => answerTool(() => desk.start(given)),
  );
}
