import type { ServerWord } from './server-word.ts';

/** What may be too much: all that goes into the model's context. */
const PROMPT = '(?:prompt|input|context|request|conversation|messages?|tokens?(?: count)?|inputs?)';

/**
 * How servers of the chat-completions protocol say that a prompt is too long. Only OpenAI, llama.cpp, Zhipu and Copilot
 * have a code for it; the rest is known by its words.
 */
const OVERFLOW = [
  /context[_ ]?length[_ ]exceeded|exceed_context_size|max_prompt_tokens_exceeded|context_window_exceeded/i,
  // The context or its size is the subject, or what is exceeded.
  /exceed\w*[_ ](?:the )?(?:available |model'?s? |maximum |max )*(?:context|model token limit|message tokens)/i,
  /context (?:length|window|size|limit)[^.]*(?:exceed|overflow|too (?:small|short)|reached)/i,
  /(?:reached|overflow\w*|only) [^.]*context (?:length|window|size)|context (?:the )?overflow/i,
  /(?:longer|larger|greater|bigger|more) than[^.]*(?:context|maximum (?:model|input|prompt|sequence) length)/i,
  /(?:maximum|max|model'?s?) (?:context|prompt|model|input|sequence) (?:length|window|size|tokens)/i,
  /too (?:large|long|big|many tokens) for (?:the |this |requested )?(?:model|context)/i,
  // The prompt is the subject, and too long.
  new RegExp(`\\b${PROMPT}(?: (?:is|are|was))? too (?:long|large)`, 'i'),
  new RegExp(`\\b${PROMPT}\\b[^.]*exceed\\w*[^.]*\\b(?:max\\w*|limit\\w*|tokens?|length)\\b`, 'i'),
  new RegExp(`exceed\\w* (?:the )?max\\w* (?:number of )?(?:input|prompt|message|allowed)`, 'i'),
  /number of tokens[^.]*prompt[^.]*cannot exceed/i,
  /range of input length should be/i,
  /(?:the )?max\w* input (?:characters|tokens|length)s? (?:is|are)\b/i,
  /`?inputs`? tokens \+ `?max_new_tokens`?/i,
  /reduce (?:the |your )?(?:length|size|number) of (?:the |your )?(?:messages?|prompt|input|context)/i,
  /\b(?:shorten|shorter) (?:your |the )?(?:prompt|input|context|messages?)\b/i,
];

/**
 * Words that speak of lengths and limits of something else: a rate, which time mends, a name, a list, or the bound on
 * the answer, of which a shorter prompt mends nothing.
 */
const OTHER = [
  /throttl|rate.?limit|\bquota\b|per.(?:min|minute|second|hour|day)\b|\b[tr]p[md]\b|please wait|try again later|\btimed? ?out\b/i,
  /string too long|array too long|\btools?\[\d|\btoo many tools|function\.name/i,
  /at most \d+ completion tokens|max(?:imum)?_?(?: output| completion)_?tokens? (?:is|must|cannot|should)[^.]*(?:at most|less|between|range)/i,
  /\bimages?\b[^.]*(?:too large|size)|file size/i,
];

/** Zhipu's number for it. */
const CODES: ReadonlySet<string> = new Set(['1261']);

/** Does an error's code or message say that the prompt does not fit into the model's context? */
export function saysContextOverflow({ code, type, message }: Pick<ServerWord, 'code' | 'type' | 'message'>): boolean {
  if (CODES.has(code)) return true;
  const told = [code, type, message].some((text) => OVERFLOW.some((pattern) => pattern.test(text)));
  return told && !OTHER.some((pattern) => pattern.test(`${code} ${message}`));
}
