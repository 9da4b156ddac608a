import { z } from 'zod';
import type { ControlToolName } from '../contracts/control-calls.ts';
import type { JsonSchema } from '../contracts/json.ts';
import type { ToolSpec } from '../contracts/language-model.ts';
import { parseArguments } from './define-tool.ts';

const status = z.enum(['open', 'active', 'done', 'skipped']);

const schemas = {
  ask_user: z.object({
    question: z.string().min(1).max(4_000),
    for: z.string().max(200).optional().describe('For whom: a name, a role, an address'),
    choices: z.array(z.string().min(1)).min(2).max(20).optional().describe('The only answers that make sense'),
    deadlineHours: z
      .number()
      .positive()
      .max(24 * 365)
      .optional(),
    defaultAnswer: z.string().optional().describe('Taken when the deadline passes'),
  }),
  wait_until: z.object({ until: z.iso.datetime({ offset: true }), reason: z.string().min(1).max(500) }),
  wait_for_event: z.object({
    event: z.string().min(1).max(100),
    deadlineHours: z
      .number()
      .positive()
      .max(24 * 365)
      .optional(),
  }),
  update_plan: z.object({
    changes: z
      .array(
        z.object({
          id: z.string().min(1).max(100),
          title: z.string().max(300).optional(),
          status,
          note: z.string().max(1_000).optional().describe('What was reached, with the ids and numbers needed later'),
        }),
      )
      .min(1)
      .max(50),
  }),
} as const;

const descriptions: Readonly<Record<ControlToolName, string>> = {
  ask_user:
    'Ask a person something you cannot find out. The task waits, for days if need be; the answer is the result.',
  wait_until: 'Wait until a moment (ISO 8601 with offset). Costs nothing.',
  wait_for_event: 'Wait until an event of that name is delivered to this task.',
  update_plan:
    'Keep the plan true: mark items active or done as they are, with a note of what was reached; add items you find.',
  finish: 'End the task with its result, when everything is done, or with outcome "failure" and the reason.',
};

/** The control tools as the model sees them; `finish` takes the agent's output. */
export function controlToolSpecs(outputSchema: JsonSchema): ToolSpec[] {
  const { $schema: _dialect, ...output } = outputSchema;
  const finish = {
    type: 'object',
    properties: {
      outcome: { type: 'string', enum: ['success', 'failure'] },
      result: output,
      reason: { type: 'string', description: 'Why it failed' },
    },
    required: ['outcome'],
  };
  return [...fixedSpecs, { name: 'finish', description: descriptions.finish, parameters: finish }];
}

/** Made once: they are in every prompt and never change. */
const fixedSpecs: readonly ToolSpec[] = Object.entries(schemas).map(([name, schema]) => ({
  name,
  description: descriptionOf(name),
  parameters: z.toJSONSchema(schema, { io: 'input' }),
}));

function descriptionOf(name: string): string {
  return Object.entries(descriptions).find(([known]) => known === name)?.[1] ?? '';
}

const finishSchema = z.discriminatedUnion('outcome', [
  z.object({ outcome: z.literal('success'), result: z.json() }),
  z.object({ outcome: z.literal('failure'), result: z.json().optional(), reason: z.string().min(1) }),
]);

/**
 * Checks the raw arguments of a control call. The problem, for the model, names the failing paths.
 * @param checkOutput the agent's check of a successful result; answers what is wrong with it
 */
export function controlProblem(
  name: ControlToolName,
  rawArguments: string,
  checkOutput: (output: unknown) => string | undefined,
): string | undefined {
  if (name !== 'finish') {
    const parsed = parseArguments(schemas[name], rawArguments);
    return parsed.ok ? undefined : parsed.problem;
  }
  const parsed = parseArguments(finishSchema, rawArguments);
  if (!parsed.ok) return parsed.problem;
  if (parsed.value.outcome === 'failure') return undefined;
  const problem = checkOutput(parsed.value.result);
  return problem === undefined ? undefined : `The result does not fit the output: ${problem}. Send it again.`;
}
