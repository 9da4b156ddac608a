/**
 * How servers of the chat-completions protocol say that a prompt is too long. Only OpenAI has a code for it; the rest
 * is known by its words.
 */
const OVERFLOW = [
  /context[_ ]length[_ ]exceeded/i,
  /exceed[a-z_]*[_ ](the )?(available |model'?s? |maximum )?context/i,
  /(maximum|max|model'?s?) (context|prompt|model) (length|window)/i,
  /context (length|window|size)[^.]*(exceeded|too (small|short))/i,
  /(prompt|input|request|message)s?( is| are)? too (long|large)/i,
  /input token count[^.]*exceeds/i,
  /reduce the length of/i,
  /too large for model with/i,
];

/** Does an error's code or message say that the prompt does not fit into the model's context? */
export function saysContextOverflow({ code, type, message }: { code: string; type: string; message: string }): boolean {
  return [code, type, message].some((text) => OVERFLOW.some((pattern) => pattern.test(text)));
}
