import { APIError } from 'openai';
import type { OpenAI } from 'openai';

import { failure, FailureType } from '../contracts/failures.ts';
import type { Completion, CompletionOptions, CompletionRequest, LanguageModel } from '../contracts/language-model.ts';
import { createAnswerAssembly } from './answer-assembly.ts';
import type { AnswerAssembly, AssembledAnswer } from './answer-assembly.ts';
import { parseChatChunk } from './chat-chunk.ts';
import type { ChatChunk } from './chat-chunk.ts';
import { chatRequest, makeCallId } from './chat-request.ts';
import { brokenAnswerFailure, classifyFailure, timeoutFailure } from './classify-failure.ts';
import { saysContextOverflow } from './context-overflow.ts';
import type { ModelTarget } from './model-target.ts';
import { estimateTokens } from './estimate-tokens.ts';
import { isLocalAddress } from './local-address.ts';
import { openClient } from './open-client.ts';
import { speakerOf } from './own-words.ts';
import { adaptedWords, NO_QUIRKS, quirksAfter } from './request-quirks.ts';
import type { Quirks, SentBody } from './request-quirks.ts';
import { abortReason, watchRequest } from './request-watch.ts';
import type { RequestWatch } from './request-watch.ts';
import { wordOf } from './server-word.ts';

const DEFAULT_TIMEOUT_MS = 180_000;

export interface OpenAiChatOptions {
  /** May be empty for a server that asks for none. */
  readonly apiKey: string;
  /** Address of a server of the chat-completions protocol. Default: OpenAI's, or `OPENAI_BASE_URL`. */
  readonly baseURL?: string;
  /** Model id at the provider, where a request names none. */
  readonly model: string;
  /**
   * The longest silence of the server, before its answer and between the pieces of it. Default 180,000; Node itself
   * gives up after 300,000. A bound on the whole call is its activity's timeout.
   */
  readonly timeoutMs?: number;
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Everything that one call needs. */
interface Call {
  readonly client: OpenAI;
  readonly target: ModelTarget;
  readonly request: CompletionRequest;
  readonly watch: RequestWatch;
  /** What the server is known to refuse, and what it turns out to. */
  readonly quirks: KnownQuirks;
  readonly onAdapted: CompletionOptions['onAdapted'];
}

/** By model id: another model at the same server may take what this one does not. */
type KnownQuirks = Map<string, Quirks>;

/** Times that a request is made anew without something; the next refusal is thrown. */
const MOST_REFUSALS = 12;

/**
 * A chat model at OpenAI or at any compatible server, always streamed (a plain JSON answer to a streaming request is
 * understood too). It never retries, but where the server refuses a part of a request by name it is asked again without,
 * and later requests do not have it. Where the server does not count tokens, usage is an estimate. An answer without
 * text and calls is returned as such. When the caller's signal aborts, its reason is thrown as it is.
 */
export function createOpenAiChat(options: OpenAiChatOptions): LanguageModel {
  const { model, timeoutMs = DEFAULT_TIMEOUT_MS } = options;
  // The watch fires first, and goes on counting after the headers have come.
  const client = openClient({ ...options, timeoutMs: timeoutMs + 1000 });
  const quirks: KnownQuirks = new Map();
  return {
    name: model,
    local: isLocalAddress(client.baseURL),
    complete: async (request, { signal, onDelta, onBroken, onAdapted } = {}) => {
      const target = { baseURL: client.baseURL, model: request.model ?? model, apiKey: options.apiKey };
      const watch = watchRequest({ signal, silenceMs: timeoutMs });
      const call: Call = { client, target, request, watch, quirks, onAdapted };
      const answer = openAnswer(call);
      try {
        return checkAnswer(await readAnswer(call, answer, onDelta), target);
      } catch (error) {
        if (answer.spoke) onBroken?.(answer.assembly.finish().usage);
        if (signal?.aborted) throw abortReason(signal);
        throw watch.timedOut() ? timeoutFailure(target, timeoutMs) : error;
      } finally {
        watch.end();
      }
    },
  };
}

/** An answer on its way. */
interface OpenAnswer {
  readonly assembly: AnswerAssembly;
  /** A piece of it has come, which makes the prompt one that was read. */
  spoke: boolean;
}

function openAnswer({ request, target }: Call): OpenAnswer {
  const assembly = createAnswerAssembly({
    model: target.model,
    speaker: speakerOf(target),
    makeCallId: (position) => makeCallId(request, position),
    estimatePrompt: () => estimateTokens(JSON.stringify([request.messages, request.tools])),
  });
  return { assembly, spoke: false };
}

async function readAnswer(
  call: Call,
  answer: OpenAnswer,
  onDelta: CompletionOptions['onDelta'],
): Promise<AssembledAnswer> {
  for await (const chunk of answerChunks(call)) {
    answer.spoke = true;
    const text = answer.assembly.add(chunk);
    if (text !== '') onDelta?.(text);
  }
  // The `openai` package ends an aborted stream as if it were complete.
  call.watch.signal.throwIfAborted();
  return answer.assembly.finish();
}

/**
 * The pieces of an answer; all that goes wrong on the way is thrown as what it means to Temporal. What the server refuses
 * of a request is kept once it has answered one without.
 */
async function* answerChunks(call: Call): AsyncGenerator<ChatChunk> {
  const { target, quirks } = call;
  const learned: string[] = [];
  let known = quirks.get(target.model) ?? NO_QUIRKS;
  for (;;) {
    const body = chatRequest(call.request, target, known);
    const answer = { began: false, spoke: false };
    try {
      for await (const chunk of chunksOf(call, body, answer)) {
        if (!answer.spoke && learned.length > 0) {
          quirks.set(target.model, known);
          for (const what of learned) call.onAdapted?.(what);
        }
        answer.spoke = true;
        yield chunk;
      }
      return;
    } catch (error) {
      const canAdapt = !answer.spoke && learned.length < MOST_REFUSALS;
      const next = canAdapt ? adapted(error, { target, known, body }) : undefined;
      if (next === undefined) throw classifyFailure(error, { ...target, began: answer.began });
      learned.push(adaptedWords(known, next));
      known = next;
    }
  }
}

async function* chunksOf(
  { client, watch }: Call,
  body: ReturnType<typeof chatRequest>,
  answer: { began: boolean },
): AsyncGenerator<ChatChunk> {
  const { data, response } = await client.chat.completions.create(body, { signal: watch.signal }).withResponse();
  answer.began = true;
  if (isJson(response)) {
    yield parseChatChunk(await response.json());
    return;
  }
  for await (const chunk of data) {
    watch.heard();
    yield parseChatChunk(chunk);
  }
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

function checkAnswer(answer: AssembledAnswer, target: ModelTarget): Completion {
  const { refusal, ...completion } = answer;
  if (refusal !== '' || completion.finishReason === 'content_filter') {
    const said = refusal === '' ? "by the provider's content filter" : `with the words "${refusal}"`;
    throw failure(FailureType.ModelRefused, { message: `Model "${target.model}" refused to answer, ${said}.` });
  }
  if (completion.finishReason === '') throw brokenAnswerFailure(target, 'ended its answer in the middle');
  return completion;
}

function isJson(response: Response): boolean {
  return response.headers.get('content-type')?.includes('application/json') ?? false;
}
