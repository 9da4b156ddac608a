import { z } from 'zod';
import type { Agent } from '../../agents/define-agent.ts';
import { defineAgent } from '../../agents/define-agent.ts';
import type { Completion, CompletionRequest, LanguageModel } from '../../contracts/language-model.ts';
import { defineTool } from '../../tools/index.ts';
import type { Tool, ToolContext } from '../../tools/index.ts';
import type { Point, ToolName } from './cells.ts';

/** Stands still where the task's call is to be struck. */
export type Hold = (taskId: string, point: Point) => Promise<void>;

const input = z.object({ tool: z.string(), email: z.string() });
const output = z.object({ told: z.string() });
const accountsSchema = z.object({ accounts: z.array(z.object({ accountId: z.string() })) });

/** Calls one tool of the customer service, and ends with what it was told. */
export function createCrashAgent(
  serviceUrl: string,
  hold: Hold = async () => undefined,
): Agent<z.input<typeof input>, z.output<typeof output>> {
  return defineAgent({
    name: 'crash',
    description: 'Calls one tool, and reports what it was told.',
    instructions: 'Call the tool once. Call it again only if you are told that it did not take effect. Then finish.',
    input,
    output,
    goal: ({ tool, email }) => `Call ${tool} for ${email}.`,
    memory: { extraction: { when: 'never' } },
    tools: createCrashTools(serviceUrl, hold),
  });
}

function createCrashTools(serviceUrl: string, hold: Hold): Tool[] {
  const find = async (email: string): Promise<z.output<typeof accountsSchema>> =>
    accountsSchema.parse(await (await fetch(`${serviceUrl}/accounts?email=${encodeURIComponent(email)}`)).json());
  const open = async (email: string, context: ToolContext, headers: Record<string, string>): Promise<unknown> => {
    const account = { company: email, contact: { name: 'Ada', email }, country: 'DE', size: 10 };
    const response = await fetch(`${serviceUrl}/accounts`, {
      method: 'POST',
      headers,
      body: JSON.stringify(account),
    });
    // The service has done it, and nobody here has read its answer.
    await hold(context.task.taskId, 'in mid-effect');
    return response.json();
  };
  const rest = { input: z.object({ email: z.string() }), timeoutMs: 60_000 };
  const named = (name: ToolName) => ({ ...rest, name, description: `${name} of the customer service.` });
  return [
    defineTool({
      ...named('find_account'),
      effect: 'read',
      execute: async ({ email }, { task: { taskId } }) => {
        await hold(taskId, 'after the claim');
        const found = await find(email);
        await hold(taskId, 'in mid-effect');
        await hold(taskId, 'before the settlement');
        return found;
      },
    }),
    defineTool({
      ...named('create_account'),
      effect: 'idempotent',
      execute: ({ email }, context) => open(email, context, { 'idempotency-key': context.idempotencyKey }),
    }),
    defineTool({
      ...named('open_account'),
      effect: 'once',
      execute: ({ email }, context) => open(email, context, {}),
    }),
    defineTool({
      ...named('open_account_checked'),
      effect: 'once',
      execute: ({ email }, context) => open(email, context, {}),
      probe: async ({ email }) => {
        const [account] = (await find(email)).accounts;
        return account ? { kind: 'happened', result: account } : { kind: 'did-not-happen' };
      },
    }),
  ];
}

/** Does what the instructions say, at once, in the worker's process. */
export const crashModel: LanguageModel = {
  name: 'crash',
  complete: async (request) => {
    const call = nextCall(request);
    const calls = [{ id: 'call_1', name: call.name, arguments: JSON.stringify(call.arguments) }];
    const usage = { promptTokens: 100, completionTokens: 20 };
    return { text: '', calls, finishReason: 'tool_calls', usage, model: 'crash' } satisfies Completion;
  },
};

function nextCall({ messages }: CompletionRequest): { readonly name: string; readonly arguments: object } {
  const told = messages.findLast(({ role }) => role === 'tool')?.content;
  if (told !== undefined && !told.includes('did not take effect')) {
    return { name: 'finish', arguments: { outcome: 'success', result: { told } } };
  }
  const prompt = messages.map(({ content }) => content).join('\n');
  const [, tool, email] = /Call (\w+) for (\S+)\./.exec(prompt) ?? [];
  if (tool === undefined) throw new Error('the prompt does not say which tool is to be called');
  return { name: tool, arguments: { email } };
}
