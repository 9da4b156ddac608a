/** How a template marks what its model thinks, where the server leaves that in the text. */
export interface ThoughtTag {
  readonly open: string;
  readonly close: string;
  /** Words, and no marks: only where the text begins with them, and nothing unless the closing words follow. */
  readonly words?: true;
  /** The closing mark also ends other things, so that without the opening one it says nothing. */
  readonly endsAnything?: true;
}

/**
 * Which templates use which:
 * - `<think>`: DeepSeek R1 and V3, Qwen 3 and QwQ, GLM 4.5 and later, MiniMax M1 and M2, Kimi K2 Thinking, Hunyuan, Ernie 4.5,
 *   Nemotron, Olmo 3, Step 3 (https://docs.vllm.ai/en/latest/features/reasoning_outputs/); of these R1, QwQ, and Qwen's
 *   thinking models of 2507 begin in the thought, so that only the closing tag comes
 * - `<seed:think>`: Seed-OSS; `◁think▷`: Kimi (https://docs.sglang.ai/advanced_features/separate_reasoning.html)
 * - `[THINK]`: Magistral (https://docs.mistral.ai/capabilities/reasoning/)
 * - `<thought>`: Gemini's compatible endpoint with `include_thoughts` (https://ai.google.dev/gemini-api/docs/openai)
 * - `<|START_THINKING|>`: Cohere Command A Reasoning (https://docs.cohere.com/docs/reasoning)
 * - `<|channel>thought`: Gemma 4 (https://docs.vllm.ai/en/latest/api/vllm/parser/gemma4/)
 * - `<|channel|>analysis`: gpt-oss (https://cookbook.openai.com/articles/openai-harmony), also where a server has dropped
 *   the marks and left the words
 * - `<|inner_prefix|>`: Apertus; `[unused16]`: Pangu
 * - the sentences: Granite 3.2 (https://www.ibm.com/granite/docs/models/granite/)
 * - `<thinking>`, `<reasoning>`, `<reflection>`, …: models that were asked to by their instructions or fine-tuning
 */
export const THOUGHT_TAGS: readonly ThoughtTag[] = [
  ...['think', 'thinking', 'thought', 'thoughts', 'reasoning', 'reflection', 'scratchpad', 'antThinking'].map(tag),
  ...['seed:think', 'seed:cot_budget_reflect', 'mm:think', 'longcat_think', 'think_fast', 'think_slow'].map(tag),
  { open: '[THINK]', close: '[/THINK]' },
  { open: '◁think▷', close: '◁/think▷' },
  { open: '<|begin_of_thought|>', close: '<|end_of_thought|>' },
  { open: '<|START_THINKING|>', close: '<|END_THINKING|>' },
  { open: '<|inner_prefix|>', close: '<|inner_suffix|>' },
  { open: '[unused16]', close: '[unused17]' },
  { open: '<|channel>thought', close: '<channel|>' },
  { open: '<|channel|>analysis<|message|>', close: '<|end|>', endsAnything: true },
  { open: '<|start|>assistant<|channel|>analysis<|message|>', close: '<|end|>', endsAnything: true },
  { open: 'analysis', close: 'assistantfinal', words: true },
  { open: 'Here is my thought process:', close: 'Here is my response:', words: true },
  { open: "Here's my thought process:", close: "Here's my response:", words: true },
];

/** Marks of the same templates around what is said. */
export const ANSWER_MARKS: readonly string[] = [
  '<|start|>assistant<|channel|>final<|message|>',
  '<|start|>assistant<|channel|>commentary<|message|>',
  '<|channel|>final<|message|>',
  '<|channel|>commentary<|message|>',
  '<|return|>',
  '<|end|>',
  '<|START_RESPONSE|>',
  '<|END_RESPONSE|>',
  '<|begin_of_solution|>',
  '<|end_of_solution|>',
];

function tag(name: string): ThoughtTag {
  return { open: `<${name}>`, close: `</${name}>` };
}
