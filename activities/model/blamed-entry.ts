import type { PromptMessage } from '../../contracts/language-model.ts';
import { shapePrompt } from '../../models/index.ts';

/** By what servers name a message that they refuse: `messages[3]`, `messages.3`, `message at index 3`, `position 3`. */
const PLACE =
  /\bmessages?\s*(?:[[.]|at (?:index|position) |index |message index )\s*(\d+)|\b(?:at )?(?:message )?index (\d+)/i;

/**
 * What a person can do where a server refuses a prompt as it stands: the message that it names, by its entry of the
 * transcript, or else what is new since it last took one; and how to leave that out.
 */
export function wayOn(messages: readonly PromptMessage[], said: string, taskId: string): string {
  const blamed = namedEntry(messages, said);
  const suspects = blamed === undefined ? newestEntries(messages) : [blamed];
  const [first] = suspects;
  if (first === undefined) return '';
  const what =
    blamed === undefined
      ? `New since the last prompt that was taken: ${suspects.map((one) => wordsFor(messages, one)).join(', ')}.`
      : `It speaks of ${wordsFor(messages, blamed)}.`;
  return `${what} To resume alone sends the same again: mend the cause, or leave an entry out with \`waymark resume ${taskId} --leave-out ${first}\`.`;
}

function namedEntry(messages: readonly PromptMessage[], said: string): number | undefined {
  const place = PLACE.exec(said);
  return place === null ? undefined : seqOf(shapePrompt(messages)[Number(place[1] ?? place[2])]);
}

/** The last answer, with which the server took all before it, and what came after it. */
function newestEntries(messages: readonly PromptMessage[]): number[] {
  const last = messages.findLastIndex(({ role }) => role === 'assistant');
  const seqs = messages.slice(Math.max(last, 0)).map(seqOf);
  return [...new Set(seqs.filter((seq) => seq !== undefined))];
}

function seqOf(message: PromptMessage | undefined): number | undefined {
  return message?.seq;
}

function wordsFor(messages: readonly PromptMessage[], seq: number): string {
  const message = messages.find((one) => one.seq === seq);
  const kinds = { system: 'a note', user: 'a message', assistant: "the model's own answer", tool: 'a result' } as const;
  return `entry ${seq} (${kinds[message?.role ?? 'user']})`;
}
