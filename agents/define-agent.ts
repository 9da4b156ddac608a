import { z } from 'zod';
import { isId, isName, ID_RULE } from '../contracts/ids.ts';
import type { TaskRef } from '../contracts/ids.ts';
import type { Json, JsonSchema } from '../contracts/json.ts';
import type { MaskRules } from '../contracts/masking.ts';
import { questionPolicyProblem, termsProblem } from '../contracts/asking-policy.ts';
import type { ApprovalTerms, QuestionPolicy } from '../contracts/asking-policy.ts';
import { memoryPolicyProblem, resolveMemoryPolicy } from '../contracts/memory-policy.ts';
import type { MemoryPolicy, MemoryPolicyOverride } from '../contracts/memory-policy.ts';
import type { Usage } from '../contracts/language-model.ts';
import type { LoopPolicyOverride } from '../contracts/policy.ts';
import { isControlTool } from '../contracts/control-calls.ts';
import type { Evaluator } from './evaluator.ts';
import type { Tool } from '../tools/define-tool.ts';
import type { ToolMemory } from '../tools/tool-memory.ts';
import { isToolSource } from '../tools/tool-source.ts';
import type { ToolSource } from '../tools/tool-source.ts';

/** The definition a user writes. */
export interface AgentDefinition<Input extends z.ZodType, Output extends z.ZodType> {
  /** Lower case, digits and dashes; the workflow type in the Temporal UI. A stored fact: renaming orphans tasks. */
  readonly name: string;
  /** For people: one sentence. */
  readonly description: string;
  /** For the model: who it is, how it works, what it must not do. */
  readonly instructions: string;
  readonly input: Input;
  readonly output: Output;
  /** What this task is to reach, in a sentence, from its input. */
  readonly goal: (input: z.output<Input>) => string;
  /** Whom or what the task is about, as an id; its memories of scope `user` belong to it. */
  readonly subject?: (input: z.output<Input>) => string;
  /** The plan to begin with. Default: none; the model makes it with `update_plan`. */
  readonly plan?: (input: z.output<Input>) => readonly { readonly id: string; readonly title: string }[];
  /**
   * Looks at a result that fits `output` before the task ends, with the task's memory at hand. A problem goes back to
   * the model, which sends another result. Default: every result that fits will do.
   */
  readonly checkResult?: (result: z.output<Output>, context: ResultContext) => Promise<string | undefined>;
  /** Tools, and sources of tools such as `mcpServer(…)`, whose tools are there once a worker has connected. */
  readonly tools: readonly (Tool | ToolSource)[];
  /** Judge the work from outside, before it ends and whenever else the policy's `evaluation` says. Asked in this order. */
  readonly evaluators?: readonly Evaluator[];
  readonly policy?: LoopPolicyOverride;
  /** How it asks questions: what holds where the model sets nothing, and what the model may set. Default: no bounds. */
  readonly questions?: QuestionPolicy;
  /** How approval of its calls is asked for; a tool's own `terms` come first. Default: without a deadline. */
  readonly approvals?: ApprovalTerms;
  readonly memory?: AgentMemory;
  /**
   * What a model call costs, in any unit of money, by its tokens and the model as the provider names it. It is asked
   * before a call with what that may cost at most, and after it with what the provider counted: also what of the prompt
   * came from its cache, where it says so. `tokenPrice` reckons with such prices. Needed for a budget of money.
   */
  readonly price?: ((usage: Usage, model: string) => number) | undefined;
}

/** What an agent reads and writes of memory, and how it finds what is worth keeping. Each part has a default. */
export interface AgentMemory extends MemoryPolicyOverride {
  /** Told to the model that looks for memories, instead of Waymark's own words (`EXTRACTION_PROMPT`). */
  readonly extractionPrompt?: string;
  /** Personal data and patterns that are masked in what this agent writes, beside those that are for all. */
  readonly mask?: MaskRules;
}

/** What a check of a result may look at. */
export interface ResultContext {
  readonly task: TaskRef;
  readonly memory: ToolMemory;
}

/** What a task of an agent begins with, derived from its input. */
export interface TaskOpening {
  readonly goal: string;
  readonly subject?: string;
  readonly plan: readonly { readonly id: string; readonly title: string }[];
}

/** The outcome of checking a value against a schema. */
export type Checked<Value> =
  { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly problem: string };

/** An agent with its types closed over; `Input` and `Output` remain for a service's types. */
export interface Agent<Input = unknown, Output = unknown> {
  readonly name: string;
  readonly description: string;
  readonly instructions: string;
  /** For whoever starts a task; what JSON Schema has no words for accepts anything in it. */
  readonly inputSchema: JsonSchema;
  readonly outputSchema: JsonSchema;
  readonly tools: readonly Tool[];
  readonly sources: readonly ToolSource[];
  readonly evaluators: readonly Evaluator[];
  readonly policy: LoopPolicyOverride | undefined;
  readonly questions: QuestionPolicy | undefined;
  readonly approvals: ApprovalTerms | undefined;
  readonly memory: MemoryPolicy & Pick<AgentMemory, 'extractionPrompt' | 'mask'>;
  readonly price: ((usage: Usage, model: string) => number) | undefined;
  /** Checks an input and derives the opening; the problem names the failing fields. */
  open(input: unknown): Checked<TaskOpening>;
  /** Checks a result; the problem names the failing fields. */
  checkOutput(output: unknown): Checked<Json>;
  /** What is wrong with a result that fits; the agent's own check of it. */
  checkResult(output: unknown, context: ResultContext): Promise<string | undefined>;
  /** Only for types: what `client.start` takes and `handle.result` gives. */
  readonly types?: { readonly input: Input; readonly output: Output };
}

/**
 * Makes an agent.
 * @throws TypeError when a name breaks its alphabet, two tools or sources share one, or the memory policy names what
 *   is not there
 */
export function defineAgent<Input extends z.ZodType, Output extends z.ZodType>(
  definition: AgentDefinition<Input, Output>,
): Agent<z.input<Input>, z.output<Output>> {
  const { name } = definition;
  if (!isName(name)) throw new TypeError(`agent "${name}": a name is lower case letters, digits and dashes`);
  const tools = definition.tools.filter((tool): tool is Tool => !isToolSource(tool));
  const sources = definition.tools.filter(isToolSource);
  assertToolNames(name, tools);
  assertSourceNames(name, sources);
  assertTerms(name, definition);
  return {
    name,
    description: definition.description,
    instructions: definition.instructions,
    inputSchema: z.toJSONSchema(definition.input, { io: 'input', unrepresentable: 'any' }),
    outputSchema: z.toJSONSchema(definition.output, { io: 'input' }),
    tools,
    sources,
    evaluators: evaluatorsOf(name, definition.evaluators ?? []),
    policy: definition.policy,
    questions: definition.questions,
    approvals: definition.approvals,
    memory: memoryOf(name, definition.memory),
    price: definition.price,
    open: (input) => {
      const checked = check(definition.input, input);
      return checked.ok ? openingOf(definition, checked.value) : checked;
    },
    checkOutput: (output) => {
      const checked = check(definition.output, output);
      return checked.ok ? { ok: true, value: toJson(checked.value) } : checked;
    },
    checkResult: async (output, context) => {
      const checked = check(definition.output, output);
      return checked.ok ? definition.checkResult?.(checked.value, context) : checked.problem;
    },
  };
}

function memoryOf(agent: string, { extractionPrompt, mask, ...override }: AgentMemory = {}): Agent['memory'] {
  const policy = resolveMemoryPolicy(override);
  const problem = memoryPolicyProblem(policy);
  if (problem !== undefined) throw new TypeError(`agent "${agent}": memory: ${problem}`);
  return {
    ...policy,
    ...(extractionPrompt === undefined ? {} : { extractionPrompt }),
    ...(mask === undefined ? {} : { mask }),
  };
}

function openingOf<Input extends z.ZodType, Output extends z.ZodType>(
  definition: AgentDefinition<Input, Output>,
  input: z.output<Input>,
): Checked<TaskOpening> {
  const subject = definition.subject?.(input);
  if (subject !== undefined && !isId(subject)) {
    return { ok: false, problem: `subject "${subject}" is not an id: ${ID_RULE}` };
  }
  const opening = { goal: definition.goal(input), plan: definition.plan?.(input) ?? [] };
  return { ok: true, value: subject === undefined ? opening : { ...opening, subject } };
}

function check<Schema extends z.ZodType>(schema: Schema, value: unknown): Checked<z.output<Schema>> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return { ok: true, value: parsed.data };
  const paths = parsed.error.issues.map((issue) => `${issue.path.join('.') || '(all)'}: ${issue.message}`);
  return { ok: false, problem: paths.join('; ') };
}

function evaluatorsOf(agent: string, evaluators: readonly Evaluator[]): readonly Evaluator[] {
  const names = evaluators.map((evaluator) => evaluator.name);
  const wrong = names.find((name, at) => !isName(name) || name === 'critique' || names.indexOf(name) !== at);
  if (wrong === undefined) return evaluators;
  throw new TypeError(
    `agent "${agent}": evaluator "${wrong}": a name is lower case letters, digits and dashes, not "critique", and given once`,
  );
}

function toJson(value: unknown): Json {
  return JSON.parse(JSON.stringify(value ?? null));
}

function assertTerms(
  agent: string,
  definition: Pick<AgentDefinition<z.ZodType, z.ZodType>, 'questions' | 'approvals' | 'tools'>,
): void {
  const ofTools = definition.tools.flatMap((tool) =>
    isToolSource(tool) || typeof tool.description.approval === 'string' ? [] : [tool.description.approval.terms],
  );
  const { questions, approvals } = definition;
  const problem = questions && questionPolicyProblem(questions);
  if (problem !== undefined) throw new TypeError(`agent "${agent}": questions: ${problem}`);
  for (const terms of [approvals, ...ofTools]) {
    const wrong = terms && termsProblem(terms);
    if (wrong !== undefined) throw new TypeError(`agent "${agent}": approvals: ${wrong}`);
  }
}

function assertToolNames(agent: string, tools: readonly Tool[]): void {
  const seen = new Set<string>();
  for (const { description } of tools) {
    if (isControlTool(description.name)) {
      throw new TypeError(`agent "${agent}": tool "${description.name}" has the name of a control tool; rename it`);
    }
    if (seen.has(description.name)) throw new TypeError(`agent "${agent}": two tools are named "${description.name}"`);
    seen.add(description.name);
  }
}

function assertSourceNames(agent: string, sources: readonly ToolSource[]): void {
  const names = sources.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new TypeError(`agent "${agent}": two sources of tools are named "${twice}"`);
}
