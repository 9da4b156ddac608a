import { APIError } from 'openai';
import type { OpenAI } from 'openai';

import type { CompletionOptions, CompletionRequest } from '../contracts/language-model.ts';
import { answerEvents } from './answer-events.ts';
import type { ChatChunk } from './chat-chunk.ts';
import { readChatChunk } from './chat-chunk.ts';
import { chatRequest } from './chat-request.ts';
import { classifyFailure } from './classify-failure.ts';
import { saysContextOverflow } from './context-overflow.ts';
import type { ModelTarget } from './model-target.ts';
import { adaptedWords, NO_QUIRKS, quirksAfter } from './request-quirks.ts';
import type { Quirks, SentBody } from './request-quirks.ts';
import type { RequestWatch } from './request-watch.ts';
import { wordOf } from './server-word.ts';

/** Everything that one call needs. */
export interface Call {
  readonly client: OpenAI;
  readonly target: ModelTarget;
  readonly request: CompletionRequest;
  readonly watch: RequestWatch;
  /** What the server is known to refuse, and what it turns out to. */
  readonly quirks: KnownQuirks;
  readonly onAdapted: CompletionOptions['onAdapted'];
}

/** By model id: another model at the same server may take what this one does not. */
export type KnownQuirks = Map<string, Quirks>;

/** What is known of an answer besides its pieces, as it comes. */
export interface Arrival {
  /** The server has begun to answer. */
  began: boolean;
  /** A piece of it has come, which makes the prompt one that was read. */
  spoke: boolean;
  /** The server has said that it has sent everything. */
  whole: boolean;
  /** What came where nothing of the protocol did. */
  text: string;
  /** The bound on its tokens that was sent. */
  bound: number | undefined;
}

/** Times that a request is made anew without something; the next refusal is thrown. */
const MOST_REFUSALS = 12;

/**
 * The pieces of an answer; all that goes wrong on the way is thrown as what it means to Temporal. What the server refuses
 * of a request is kept once it has answered one without.
 */
export async function* answerChunks(call: Call, arrival: Arrival): AsyncGenerator<ChatChunk> {
  const { target, quirks } = call;
  const learned: string[] = [];
  let known = quirks.get(target.model) ?? NO_QUIRKS;
  for (;;) {
    const body = chatRequest(call.request, target, known);
    Object.assign(arrival, { began: false, bound: body.max_completion_tokens ?? body.max_tokens ?? undefined });
    try {
      for await (const chunk of chunksOf(call, body, arrival)) {
        if (!arrival.spoke && learned.length > 0) {
          quirks.set(target.model, known);
          for (const what of learned) call.onAdapted?.(what);
        }
        arrival.spoke = true;
        yield chunk;
      }
      return;
    } catch (error) {
      const canAdapt = !arrival.spoke && learned.length < MOST_REFUSALS;
      const next = canAdapt ? adapted(error, { target, known, body }) : undefined;
      if (next === undefined) throw classifyFailure(error, { ...target, began: arrival.began });
      learned.push(adaptedWords(known, next));
      known = next;
    }
  }
}

async function* chunksOf(
  { client, watch }: Call,
  body: ReturnType<typeof chatRequest>,
  arrival: Arrival,
): AsyncGenerator<ChatChunk> {
  const { signal } = watch;
  const response = await client.chat.completions.create(body, { signal }).asResponse();
  arrival.began = true;
  for await (const event of answerEvents(response.body, () => watch.heard())) {
    if (event.kind === 'piece') yield readChatChunk(event.value);
    if (event.kind === 'error') yield readChatChunk({ error: event.value });
    if (event.kind === 'text') arrival.text = event.text;
    if (event.kind === 'end') arrival.whole = true;
  }
  signal.throwIfAborted();
}

/** What the server is known to refuse, once this error has taught it; nothing where the error is another. */
function adapted(
  error: unknown,
  { target, known, body }: { readonly target: ModelTarget; readonly known: Quirks; readonly body: SentBody },
): Quirks | undefined {
  if (!(error instanceof APIError)) return undefined;
  const word = wordOf(error, target);
  return saysContextOverflow(word) ? undefined : quirksAfter(known, word, body);
}
