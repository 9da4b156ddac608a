import { SPEAKER_LINE } from '../../contracts/prompt-marks.ts';

/** Marks by which chat templates divide a conversation: a server that reads them in a text would see other messages. */
const TEMPLATE =
  /<\|(?=[\w/ .-]{1,40}\|>)|<(?=\/?(?:s|SYS|start_of_turn|end_of_turn|bos|eos|tool_call|tool_response|function_calls?|function_results|recalled-memories)\b[^<>]{0,80}>)|<(?=<\/?SYS>>)|\[(?=\/?(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS)\])/gi;
/** How a prompt marks a call that did not end well. */
const STATUS = /^\((?=(?:refused|failed|unknown)\) )/i;

/**
 * A text from outside, as a prompt may show it in a message of its own: what would divide it into several messages, end
 * a fence or name another speaker means nothing any more; all else stays as it is. That the text is data and no
 * instruction, the role of its message and the rules of the loop say.
 */
export function dataText(text: string): string {
  return text
    .replace(TEMPLATE, (mark) => (mark.startsWith('[') ? '(' : mark.replace('<', '‹')))
    .replace(SPEAKER_LINE, '(');
}

/** A result that ended well, which must not pass for one that did not. */
export function withoutStatus(text: string): string {
  return text.replace(STATUS, '[');
}
