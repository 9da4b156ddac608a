import type { RequestedCall } from '../contracts/language-model.ts';
import { jsonState } from './json-state.ts';

/** How an answer ended. Only one that is `complete` may act. */
export type AnswerEnding = 'complete' | 'cut' | 'within-call' | 'unknown' | 'filtered' | 'failed' | 'broken-off';

/** Words of the protocol, and of the servers behind gateways that pass on their own, without case and punctuation. */
const COMPLETE =
  'stop tool_calls tool_call function_call tool_use end_turn stop_sequence eos eos_token end complete completed done';
const CUT =
  'length max_tokens max_output_tokens max_completion_tokens max_length model_length token_limit incomplete ' +
  'model_context_window_exceeded context_window_exceeded context_length_exceeded';
const FILTERED =
  'content_filter content_filtered safety refusal recitation blocklist prohibited_content spii sensitive model_armor ' +
  'guardrail_intervened image_safety';
const FAILED =
  'error network_error server_error internal_error insufficient_system_resource abort aborted cancelled canceled ' +
  'timeout preempted';

const ENDINGS: ReadonlyMap<string, AnswerEnding> = new Map<string, AnswerEnding>([
  ...wordsOf(COMPLETE).map((word) => [word, 'complete'] as const),
  ...wordsOf(CUT).map((word) => [word, 'cut'] as const),
  ...wordsOf(FILTERED).map((word) => [word, 'filtered'] as const),
  ...wordsOf(FAILED).map((word) => [word, 'failed'] as const),
]);
/** Of several reasons the worst counts. */
const WORST: readonly AnswerEnding[] = ['failed', 'filtered', 'cut', 'unknown'];

/** All that tells how an answer ended. */
export interface EndedAnswer {
  /** Every reason that the server gave, in the order in which they came. */
  readonly finishReasons: readonly string[];
  /** The server said that it had sent everything. */
  readonly whole: boolean;
  readonly text: string;
  readonly calls: readonly RequestedCall[];
  /** Tokens of the answer as the server counted them, and the bound it was given. */
  readonly counted: number | undefined;
  readonly bound: number | undefined;
}

/**
 * Decides how an answer ended. A server's word for a good end is not enough: some mend the arguments of a call that was
 * cut and say that all is well, but then the answer is as long as it may be, or a text of JSON has no end.
 */
export function endingOf({ finishReasons, whole, text, calls, counted, bound }: EndedAnswer): AnswerEnding {
  const said = finishReasons.map((reason) => ENDINGS.get(plain(reason)) ?? 'unknown');
  const worst = WORST.find((ending) => said.includes(ending));
  if (worst !== undefined && worst !== 'unknown') return worst;
  if (said.length === 0 && !whole) return 'broken-off';
  if (bound !== undefined && counted === bound) return 'cut';
  if (calls.some(isUnfinished)) return 'within-call';
  // A text does no harm, whatever ended it.
  return worst === 'unknown' && (calls.length > 0 || text.trim() === '') ? 'unknown' : 'complete';
}

/** Is a reason one of a good end, or none at all? */
export function saysComplete(reason: string): boolean {
  return reason === '' || ENDINGS.get(plain(reason)) === 'complete';
}

function isUnfinished({ arguments: text }: RequestedCall): boolean {
  return text.trim() !== '' && jsonState(text) === 'unfinished';
}

function wordsOf(list: string): string[] {
  return list.split(' ');
}

function plain(reason: string): string {
  return reason
    .trim()
    .toLowerCase()
    .replaceAll(/[\s-]+/g, '_');
}
