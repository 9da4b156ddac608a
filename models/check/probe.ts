import { z } from 'zod';
import type { RequestedCall } from '../../contracts/language-model.ts';
import type { TokenCounts } from '../../contracts/usage.ts';
import { readUsage } from '../read-usage.ts';

/** A server that is examined. */
export interface ProbedServer {
  readonly baseURL: string;
  readonly apiKey: string;
}

/** What came back, as the server put it. */
export interface Probed {
  readonly status: number;
  /** Its words, where it refused. */
  readonly refusal: string;
  /** Pieces in which the answer came; 1 where it came whole. */
  readonly pieces: number;
  readonly text: string;
  readonly calls: readonly RequestedCall[];
  readonly finishReason: string;
  readonly usage: Partial<TokenCounts>;
  readonly thought: boolean;
  readonly model: string;
  readonly ms: number;
}

const call = z.object({
  index: z.number().optional().catch(undefined),
  id: z.coerce.string().nullish(),
  function: z.object({ name: z.string().nullish(), arguments: z.unknown().optional() }).nullish(),
});
const message = z.looseObject({
  content: z.unknown().optional(),
  tool_calls: z.array(call).nullish(),
});
const piece = z.looseObject({
  model: z.string().nullish(),
  choices: z
    .array(z.looseObject({ delta: message.nullish(), message: message.nullish(), finish_reason: z.string().nullish() }))
    .nullish(),
  usage: z.unknown().optional(),
});
type Piece = z.output<typeof piece>;

const LONGEST_REFUSAL = 300;

/** Asks a server one thing, without any of the care that the adapter takes: what it does is to be seen. */
export async function probe(server: ProbedServer, body: object, timeoutMs: number): Promise<Probed> {
  const begun = performance.now();
  const response = await fetch(`${server.baseURL.replace(/\/+$/u, '')}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${server.apiKey}` },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(timeoutMs),
  });
  const text = await response.text();
  const pieces = response.ok ? piecesIn(text) : [];
  return {
    ...assembled(pieces),
    status: response.status,
    refusal: pieces.length === 0 ? text.replaceAll(/\s+/g, ' ').slice(0, LONGEST_REFUSAL) : '',
    pieces: pieces.length,
    ms: Math.round(performance.now() - begun),
  };
}

/** Events of a stream, or one whole answer; what is neither is left out. */
function piecesIn(text: string): Piece[] {
  const events = text
    .split('\n')
    .flatMap((line) => (line.startsWith('data:') ? [line.slice('data:'.length).trim()] : []));
  return (events.length === 0 ? [text] : events).flatMap((event) => {
    try {
      const parsed = piece.safeParse(JSON.parse(event));
      return parsed.success && parsed.data.choices ? [parsed.data] : [];
    } catch {
      return [];
    }
  });
}

function assembled(
  pieces: readonly Piece[],
): Pick<Probed, 'text' | 'calls' | 'finishReason' | 'usage' | 'thought' | 'model'> {
  const choices = pieces.map((one) => one.choices?.[0]).filter((choice) => choice !== undefined);
  const messages = choices
    .map(({ delta, message: whole }) => delta ?? whole)
    .filter((one) => one !== undefined && one !== null);
  const usages = pieces.map(({ usage }) => readUsage(usage)).filter(({ promptTokens }) => promptTokens !== undefined);
  return {
    text: messages.map(({ content }) => (typeof content === 'string' ? content : '')).join(''),
    calls: callsIn(messages),
    finishReason: choices.findLast(({ finish_reason: reason }) => reason)?.finish_reason ?? '',
    usage: usages.at(-1) ?? {},
    thought: messages.some((one) => typeof (one['reasoning_content'] ?? one['reasoning']) === 'string'),
    model: pieces.find((one) => one.model)?.model ?? '',
  };
}

/** A piece continues the call of its index, unless it brings a name of its own together with another id. */
function callsIn(messages: readonly z.output<typeof message>[]): RequestedCall[] {
  const open: { index: number | undefined; id: string; name: string; arguments: string }[] = [];
  for (const { index, id, function: part } of messages.flatMap(({ tool_calls: calls }) => calls ?? [])) {
    const same = open.findLast((one) => one.index === index && (!id || one.id === '' || one.id === id));
    const opened = part?.name && (same === undefined || (id && same.id !== id)) ? undefined : same;
    const current = opened ?? { index, id: '', name: '', arguments: '' };
    if (opened === undefined) open.push(current);
    if (id) current.id = id;
    if (part?.name) current.name = part.name;
    const given = part?.arguments;
    current.arguments +=
      typeof given === 'string' ? given : given === undefined || given === null ? '' : JSON.stringify(given);
  }
  return open.map(({ id, name, arguments: text }) => ({ id, name, arguments: text }));
}
