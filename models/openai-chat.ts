import { failure, FailureType } from '../contracts/failures.ts';
import type { Completion, CompletionOptions, LanguageModel, Unfinished } from '../contracts/language-model.ts';
import { createAnswerAssembly } from './answer-assembly.ts';
import type { AnswerAssembly, AssembledAnswer } from './answer-assembly.ts';
import { answerChunks } from './answer-chunks.ts';
import type { Arrival, Call, KnownQuirks } from './answer-chunks.ts';
import { endingOf } from './answer-ending.ts';
import { makeCallId } from './chat-request.ts';
import { answerTimeFailure, brokenAnswerFailure, noAnswerFailure, timeoutFailure } from './classify-failure.ts';
import { estimateTokens } from './estimate-tokens.ts';
import { isLocalAddress } from './local-address.ts';
import type { ModelTarget } from './model-target.ts';
import { openClient } from './open-client.ts';
import { speakerOf } from './own-words.ts';
import { dialectAt } from './providers.ts';
import type { Dialect } from './providers.ts';
import { abortReason, watchRequest } from './request-watch.ts';
import { sayAloud } from './said-aloud.ts';
import type { Beginning, SaidAloud } from './said-aloud.ts';

const DEFAULT_TIMEOUT_MS = 180_000;

export interface OpenAiChatOptions {
  /** May be empty for a server that asks for none. */
  readonly apiKey: string;
  /** Address of a server of the chat-completions protocol. Default: OpenAI's, or `OPENAI_BASE_URL`. */
  readonly baseURL?: string;
  /** Model id at the provider, where a request names none. */
  readonly model: string;
  /**
   * The longest silence of the server, before its answer and between the bytes of it. Default 180,000; Node itself
   * gives up after 300,000. A bound on the whole call is its activity's timeout.
   */
  readonly timeoutMs?: number;
  /** How the server's protocol differs from OpenAI's. Default: as is known of its address. */
  readonly dialect?: Dialect;
  /** It runs on people's own machines, and its models are small. Default: as its address says. */
  readonly local?: boolean;
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer on its way. */
interface OpenAnswer {
  readonly assembly: AnswerAssembly;
  readonly aloud: SaidAloud;
  readonly arrival: Arrival;
}

/**
 * A chat model at OpenAI or at any compatible server, always streamed (a plain JSON answer to a streaming request is
 * understood too). It never retries, but where the server refuses a part of a request by name it is asked again without,
 * and later requests do not have it. Where the server does not count tokens, usage is an estimate. An answer without
 * text and calls is returned as such, and one that did not end well with none of its calls. When the caller's signal
 * aborts, its reason is thrown as it is.
 */
export function createOpenAiChat(options: OpenAiChatOptions): LanguageModel {
  const { model, timeoutMs = DEFAULT_TIMEOUT_MS } = options;
  // The watch fires first, and goes on counting after the headers have come.
  const client = openClient({ ...options, timeoutMs: timeoutMs + 1000 });
  const quirks: KnownQuirks = new Map();
  const beginnings = new Map<string, Beginning>();
  return {
    name: model,
    local: options.local ?? isLocalAddress(client.baseURL),
    complete: async (request, { signal, onDelta, onBroken, onAdapted, within } = {}) => {
      const target = {
        baseURL: client.baseURL,
        model: request.model ?? model,
        apiKey: options.apiKey,
        dialect: options.dialect ?? dialectAt(client.baseURL),
      };
      const watch = watchRequest({ signal, silenceMs: timeoutMs, answerMs: within?.ms });
      const call: Call = { client, target, request, watch, quirks, onAdapted };
      const answer = openAnswer(call, onDelta, beginnings);
      try {
        await readAnswer(call, answer);
        const completion = checkAnswer(answer, target);
        learnBeginning(beginnings, target, answer.assembly);
        return completion;
      } catch (error) {
        if (answer.arrival.spoke) onBroken?.(answer.assembly.finish().usage);
        if (signal?.aborted) throw abortReason(signal);
        if (watch.tooLong() === 'silence') throw timeoutFailure(target, Math.min(timeoutMs, within?.ms ?? timeoutMs));
        throw within !== undefined && watch.tooLong() === 'answer' ? answerTimeFailure(target, within) : error;
      } finally {
        watch.end();
      }
    },
  };
}

function openAnswer(
  { request, target }: Call,
  onDelta: CompletionOptions['onDelta'],
  beginnings: ReadonlyMap<string, Beginning>,
): OpenAnswer {
  const assembly = createAnswerAssembly({
    model: target.model,
    speaker: speakerOf(target),
    makeCallId: (position) => makeCallId(request, position),
    estimatePrompt: () => estimateTokens(JSON.stringify([request.messages, request.tools])),
  });
  const aloud = sayAloud({ assembly, beginning: beginnings.get(target.model), onDelta });
  return { assembly, aloud, arrival: { began: false, spoke: false, whole: false, text: '', bound: undefined } };
}

async function readAnswer(call: Call, { assembly, aloud, arrival }: OpenAnswer): Promise<void> {
  try {
    for await (const chunk of answerChunks(call, arrival)) {
      const hadEnded = assembly.ended;
      aloud.add(assembly.add(chunk));
      if (!hadEnded && assembly.ended) call.watch.last();
    }
  } catch (error) {
    // Once the server has given a reason for its end, all that can be missing is its count of tokens.
    if (!assembly.ended || call.watch.tooLong() === undefined) throw error;
  }
  aloud.add(assembly.end());
  aloud.end();
}

function checkAnswer({ assembly, arrival }: OpenAnswer, target: ModelTarget): Completion {
  const answer = assembly.finish();
  const { text, thoughts, calls, words, finishReasons, usage, model } = answer;
  if (!answer.isAnswer) throw noAnswerFailure(target, answer.stranger ?? arrival.text);
  const finishReason = finishReasons.at(-1) ?? '';
  const ending = endingOf({ ...answer, ...arrival, text });
  if (ending === 'filtered' || answer.refusal !== '') throw refusedFailure(answer, target);
  if (ending === 'failed') throw brokenAnswerFailure(target, `broke off its answer with "${finishReason}"`);
  if (ending === 'broken-off') throw brokenAnswerFailure(target, 'ended its answer in the middle', answer.stranger);
  const aside = { ...(thoughts === '' ? {} : { thoughts }), ...(words === undefined ? {} : { words }) };
  const completion = { text, calls, finishReason, usage, model, ...aside };
  if (ending === 'complete') return completion;
  return { ...completion, calls: [], unfinished: unfinishedOf(answer, ending, arrival.bound) };
}

function unfinishedOf(
  { calls, counted, usage }: AssembledAnswer,
  why: Unfinished['why'],
  bound: number | undefined,
): Unfinished {
  const tokens = counted ?? (why === 'cut' ? bound : undefined) ?? usage.completionTokens;
  return { why, tokens, calls, ...(bound === undefined ? {} : { bound }) };
}

/** What the next answer of a model is told by: whether this one began in a thought without saying so. */
function learnBeginning(beginnings: Map<string, Beginning>, { model }: ModelTarget, assembly: AnswerAssembly): void {
  const { text, thoughts } = assembly.finish();
  if (text !== '' || thoughts !== '') beginnings.set(model, assembly.beganInThought ? 'thought' : 'said');
}

function refusedFailure({ refusal, finishReasons }: AssembledAnswer, target: ModelTarget): Error {
  const said =
    refusal === '' ? `by the provider's content filter (${finishReasons.join(', ')})` : `with the words "${refusal}"`;
  return failure(FailureType.ModelRefused, { message: `Model "${target.model}" refused to answer, ${said}.` });
}
