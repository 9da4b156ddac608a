import type { ScriptedCompletion, ScriptedRequest } from '../../models/scripted/index.ts';
import { lastCall, readConversation } from './conversation.ts';
import type { Conversation } from './conversation.ts';
import { call, turn } from './turn.ts';

const PREFERS = /^(?:please )?(?:I prefer|always|from now on)[ ,:]+(.*)/i;
const THREAD = /\b(?:garden|tomatoes|balcony)\b/i;
const OVER = /\b(?:goodbye|farewell) for good\b/i;

/** What a model would do next as a person's assistant: keep wishes, take threads up again, and answer. */
export function assistantScript(request: ScriptedRequest): ScriptedCompletion {
  const seen = readConversation(request);
  const message = spoken(seen);
  if (OVER.test(message)) return turn('', call('finish', { outcome: 'success', result: { farewell: 'Farewell.' } }));
  const wish = PREFERS.exec(message)?.[1];
  if (wish !== undefined && !isKept(seen, wish)) return keep(wish);
  return { text: replyTo(message, { wish, known: knownOf(request) }) };
}

/** The newest message; the first one is the task's input. */
function spoken({ messages }: Conversation): string {
  return (messages.at(-1) ?? '').trim();
}

function keep(wish: string): ScriptedCompletion {
  return turn(
    '',
    call('remember', { text: `Prefers: ${wish}`, kind: 'preference', scope: 'user', about: topicOf(wish) }),
  );
}

function isKept(seen: Conversation, wish: string): boolean {
  return lastCall(seen, 'remember', { text: `Prefers: ${wish}` }) !== undefined;
}

function topicOf(wish: string): string {
  if (/short|long|list|bullet/i.test(wish)) return 'format';
  return /morning|evening|o'clock|weekend/i.test(wish) ? 'schedule' : 'tone';
}

/** What is remembered of this person's wishes, as the prompt tells it. */
function knownOf({ messages }: ScriptedRequest): readonly string[] {
  const system = messages.filter(({ role }) => role === 'system').map(({ content }) => content);
  return [...new Set(system.flatMap((text) => [...text.matchAll(/Prefers: ([^\n]*)/g)].map(([, wish]) => wish ?? '')))];
}

function replyTo(message: string, { wish, known }: { wish: string | undefined; known: readonly string[] }): string {
  if (message.startsWith('{')) return 'Hello. What can I do for you?';
  if (wish !== undefined) return `Gladly: ${wish}`;
  const how = known.length === 0 ? '' : ` (${known.join('; ')})`;
  if (THREAD.test(message)) return `About the garden${how}: the tomatoes want a sunny place and water every other day.`;
  return `I am listening${how}.`;
}
