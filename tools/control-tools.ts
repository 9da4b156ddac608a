import { z } from 'zod';
import type { ControlToolName } from '../contracts/control-calls.ts';
import { decodeArguments } from '../contracts/decode-by-schema.ts';
import type { JsonSchema } from '../contracts/json.ts';
import { movedSchema } from '../contracts/local-schema.ts';
import type { ToolSpec } from '../contracts/language-model.ts';
import { answerSchemaProblem, readAnswer } from '../contracts/answer-schema.ts';
import { LONGEST_WAIT_HOURS, MOST_REMINDERS } from '../contracts/asking-policy.ts';
import type { QuestionPolicy } from '../contracts/asking-policy.ts';
import { questionOutcomes } from '../contracts/requests.ts';
import { parametersOf, parseArguments } from './define-tool.ts';
import type { ParsedArguments } from './define-tool.ts';

const status = z.enum(['open', 'active', 'done', 'skipped']);

const hours = z.number().positive().max(LONGEST_WAIT_HOURS);

const schemas = {
  ask_user: z.object({
    question: z.string().min(1).max(4_000),
    for: z.string().max(200).optional().describe('A name, role or address'),
    why: z.string().max(1_000).optional().describe('What they must know'),
    choices: z.array(z.string().min(1)).min(2).max(20).optional().describe('The only answers'),
    answerSchema: z.record(z.string(), z.unknown()).optional().describe('JSON Schema of the answer, if not text'),
    deadlineHours: hours.optional(),
    defaultAnswer: z.string().optional().describe('Taken when the deadline passes'),
    atDeadline: z.enum(questionOutcomes).optional(),
    remindAfterHours: z.array(z.number().min(0).max(LONGEST_WAIT_HOURS)).max(MOST_REMINDERS).optional(),
    escalateTo: z.string().max(200).optional(),
    escalateAfterHours: hours.optional(),
  }),
  wait_until: z.object({ until: z.iso.datetime({ offset: true }), reason: z.string().min(1).max(500) }),
  wait_for_event: z.object({
    event: z.string().min(1).max(100),
    deadlineHours: hours.optional(),
  }),
  update_plan: z.object({
    changes: z
      .array(
        z.object({
          id: z.string().min(1).max(100),
          title: z.string().max(300).optional(),
          status,
          note: z.string().max(1_000).optional().describe('With ids and numbers needed later'),
        }),
      )
      .min(1)
      .max(50),
  }),
} as const;

const descriptions: Readonly<Record<ControlToolName, string>> = {
  ask_user: 'Ask a person what you cannot find out, and wait for the answer, for days if need be.',
  wait_until: 'Wait until a moment (ISO 8601 with offset).',
  wait_for_event: 'Wait until an event of that name comes.',
  update_plan: 'Mark plan items active or done, with a note of what was reached; add items you find.',
  finish: 'End the task with its result when everything is done, or with outcome "failure" and the reason.',
};

/** The control tools as the model sees them; `finish` takes the agent's output. */
export function controlToolSpecs(outputSchema: JsonSchema): ToolSpec[] {
  return [
    ...fixedSpecs,
    { name: 'finish', description: descriptions.finish, parameters: finishParameters(outputSchema) },
  ];
}

const finishes = new WeakMap<JsonSchema, JsonSchema>();

/** What `finish` takes of an agent with this output. */
function finishParameters(outputSchema: JsonSchema): JsonSchema {
  const known = finishes.get(outputSchema);
  if (known) return known;
  const made = {
    type: 'object',
    properties: {
      outcome: { type: 'string', enum: ['success', 'failure'] },
      result: { $ref: '#/$defs/result' },
      reason: { type: 'string', description: 'Why it failed' },
    },
    required: ['outcome'],
    $defs: { result: movedSchema(outputSchema, '#/$defs/result') },
  };
  finishes.set(outputSchema, made);
  return made;
}

/** Made once: they are in every prompt and never change. */
const fixedSpecs: readonly ToolSpec[] = Object.entries(schemas).map(([name, schema]) => ({
  name,
  description: descriptionOf(name),
  parameters: parametersOf(schema),
}));

function descriptionOf(name: string): string {
  return Object.entries(descriptions).find(([known]) => known === name)?.[1] ?? '';
}

const finishSchema = z.discriminatedUnion('outcome', [
  z.object({ outcome: z.literal('success'), result: z.json() }),
  z.object({ outcome: z.literal('failure'), result: z.json().optional(), reason: z.string().min(1) }),
]);

/** The arguments of a control call, decoded where they only needed one more parse; or what is wrong, for the model. */
export type CheckedControl =
  { readonly ok: true; readonly arguments: string } | { readonly ok: false; readonly problem: string };

/**
 * Checks the raw arguments of a control call. The problem, for the model, names the failing paths.
 * @param checks `outputSchema` and `output`: the agent's output, and its check of a successful result, which answers what
 *   is wrong with it; `questions`: what the agent lets the model set
 */
export function checkControl(
  name: ControlToolName,
  rawArguments: string,
  checks: {
    readonly outputSchema: JsonSchema;
    readonly output: (output: unknown) => string | undefined;
    readonly questions?: QuestionPolicy | undefined;
  },
): CheckedControl {
  if (name === 'finish') return checkFinish(rawArguments, checks);
  if (name !== 'ask_user') return checked(parseArguments(schemas[name], rawArguments, name));
  const parsed = parseArguments(schemas[name], rawArguments, name);
  return checked(parsed, parsed.ok ? questionProblem(parsed.value, checks.questions ?? {}) : undefined);
}

function checkFinish(
  rawArguments: string,
  { outputSchema, output }: Pick<Parameters<typeof checkControl>[2], 'outputSchema' | 'output'>,
): CheckedControl {
  const decoded = decodeArguments(finishParameters(outputSchema), rawArguments, 'finish');
  if (!decoded.ok) return decoded;
  const parsed = parseArguments(finishSchema, decoded.text, 'finish');
  if (!parsed.ok || parsed.value.outcome === 'failure') return checked(parsed);
  const problem = output(parsed.value.result);
  return checked(parsed, problem && `The result does not fit the output: ${problem}. Send it again.`);
}

function checked(parsed: ParsedArguments<unknown>, problem?: string): CheckedControl {
  if (!parsed.ok) return parsed;
  return problem === undefined ? { ok: true, arguments: parsed.text } : { ok: false, problem };
}

const CHOSEN_FREELY: NonNullable<QuestionPolicy['outcomes']> = ['default', 'go-on'];

/** What is wrong with a question that is well-formed: it goes beyond what its agent allows, or does not fit together. */
function questionProblem(ask: z.output<typeof schemas.ask_user>, policy: QuestionPolicy): string | undefined {
  const { outcomes = CHOSEN_FREELY, addressees, longestDeadlineHours = LONGEST_WAIT_HOURS } = policy;
  const { answerSchema: schema, atDeadline, defaultAnswer, choices } = ask;
  const stranger = [ask.for, ask.escalateTo].find(
    (whom) => whom !== undefined && !(addressees?.includes(whom) ?? true),
  );
  if (stranger !== undefined) return `"${stranger}" may not be asked; ask one of: ${addressees?.join(', ') ?? ''}.`;
  if ((ask.deadlineHours ?? 0) > longestDeadlineHours)
    return `The deadline may be ${longestDeadlineHours} hours at most.`;
  if (atDeadline !== undefined && !outcomes.includes(atDeadline)) return `atDeadline may be: ${outcomes.join(', ')}.`;
  if (atDeadline === 'default' && defaultAnswer === undefined) return 'atDeadline "default" needs a defaultAnswer.';
  if ((ask.escalateTo === undefined) !== (ask.escalateAfterHours === undefined)) {
    return 'escalateTo and escalateAfterHours go together.';
  }
  if (schema !== undefined && choices !== undefined) return 'Give choices or an answerSchema, not both.';
  const problem = schema === undefined ? undefined : answerSchemaProblem(schema);
  if (problem !== undefined) return `The answerSchema cannot be used: ${problem}.`;
  if (defaultAnswer === undefined) return undefined;
  const fits = readAnswer({ ...(schema ? { schema } : {}), ...(choices ? { choices } : {}) }, defaultAnswer);
  return fits.ok ? undefined : `The defaultAnswer does not fit: ${fits.problem}.`;
}
