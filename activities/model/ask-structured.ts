import type { z } from 'zod';
import { failure, FailureType } from '../../contracts/failures.ts';
import type { LanguageModel, PromptMessage, Usage } from '../../contracts/language-model.ts';
import { parametersOf, parseArguments } from '../../tools/define-tool.ts';
import { addUsage } from './add-usage.ts';

/** Times that a model may answer before its answer counts as broken: once, and again with what was wrong. */
const MOST_ANSWERS = 3;

/** A question whose answer is a call of one tool, and nothing else. */
export interface StructuredQuestion<Schema extends z.ZodType> {
  readonly messages: readonly PromptMessage[];
  readonly tool: { readonly name: string; readonly description: string; readonly schema: Schema };
  /** What is wrong with an answer that fits the schema, for the model. */
  readonly problemOf?: (answer: z.output<Schema>) => string | undefined;
  readonly signal: AbortSignal;
}

/**
 * Asks a model for an answer in the shape of a schema. One that does not fit goes back to it with what is wrong.
 * @throws ApplicationFailure `ModelError.ServerError` where it goes on not fitting: tried again as a stage
 */
export async function askStructured<Schema extends z.ZodType>(
  model: LanguageModel,
  { messages, tool, problemOf, signal }: StructuredQuestion<Schema>,
): Promise<{ readonly answer: z.output<Schema>; readonly usage: Usage; readonly model: string }> {
  const { name, description, schema } = tool;
  const tools = [{ name, description, parameters: parametersOf(schema) }];
  let asked = messages;
  let usage: Usage = { promptTokens: 0, completionTokens: 0 };
  let problem = '';
  for (let answers = 1; answers <= MOST_ANSWERS; answers += 1) {
    const completion = await model.complete({ messages: asked, tools }, { signal });
    usage = addUsage(usage, completion.usage);
    const call = completion.calls.find((one) => one.name === name);
    const parsed = parseArguments(schema, call?.arguments ?? completion.text, name);
    problem = parsed.ok ? (problemOf?.(parsed.value) ?? '') : parsed.problem;
    if (parsed.ok && problem === '') return { answer: parsed.value, usage, model: completion.model };
    asked = [
      ...messages,
      { role: 'assistant', content: call?.arguments ?? completion.text },
      { role: 'user', content: `${problem} Answer with one call of ${name}.` },
    ];
  }
  const message = `Model "${model.name}" gave no usable ${name} in ${MOST_ANSWERS} answers: ${problem} It is asked again; if that goes on, try another model for this stage.`;
  throw failure(FailureType.ModelServerError, { message });
}
