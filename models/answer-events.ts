import { createParser } from 'eventsource-parser';
import type { EventSourceMessage } from 'eventsource-parser';

/** What comes of an answer: a piece of it, an error in its place, or the server's word that it is whole. */
export type AnswerEvent =
  | { readonly kind: 'piece'; readonly value: unknown }
  | { readonly kind: 'error'; readonly value: unknown }
  | { readonly kind: 'end' }
  /** Nothing of the protocol came: the beginning of what did. */
  | { readonly kind: 'text'; readonly text: string };

const QUOTED = 1_000;
const MOST_OF_A_BODY = 32 * 1024 * 1024;

/**
 * Reads the body of an answer: a stream of events, or one JSON value, told apart by how it begins, because servers also
 * send either under the other's content type. Every byte is a sign of life, comments and blank lines too.
 * @throws SyntaxError where an event or the body is not JSON, RangeError where a body has no end
 */
export async function* answerEvents(body: Response['body'], heard: () => void): AsyncGenerator<AnswerEvent> {
  const decoder = new TextDecoder();
  const stream = eventReader();
  let whole: string | undefined;
  let beginning = '';
  let events = 0;
  for await (const bytes of body ?? []) {
    heard();
    const text = decoder.decode(bytes, { stream: true });
    if (beginning.length < QUOTED) beginning = (beginning + text).trimStart().slice(0, QUOTED);
    if (whole === undefined && events === 0 && /^[{[<]/.test(beginning)) whole = '';
    if (whole !== undefined) whole = grown(whole, text);
    else {
      for (const event of stream.read(text)) {
        events += 1;
        yield event;
        if (event.kind === 'end') return;
      }
    }
  }
  if (whole !== undefined) return yield* wholeBody(whole);
  for (const event of stream.read('\n\n')) {
    events += 1;
    yield event;
  }
  if (events === 0) yield { kind: 'text', text: beginning };
}

function grown(whole: string, text: string): string {
  if (whole.length + text.length > MOST_OF_A_BODY) throw new RangeError(`more than ${MOST_OF_A_BODY} characters`);
  return whole + text;
}

/** A body that is one JSON value is whole because it could be read. */
function* wholeBody(text: string): Generator<AnswerEvent> {
  if (text.trimStart().startsWith('<')) return yield { kind: 'text', text: text.trim().slice(0, QUOTED) };
  yield { kind: 'piece', value: JSON.parse(text) };
  yield { kind: 'end' };
}

function eventReader(): { read(text: string): Generator<AnswerEvent> } {
  let read: EventSourceMessage[] = [];
  const parser = createParser({ onEvent: (event) => void read.push(event) });
  return {
    *read(text) {
      parser.feed(text);
      const messages = read;
      read = [];
      for (const { event, data } of messages) {
        if (event === 'error') yield { kind: 'error', value: parsed(data) ?? data };
        else for (const part of partsOf(data)) yield eventOf(part);
      }
    },
  };
}

/** Some servers put no blank line between their events, which makes one event of several lines. */
function partsOf(data: string): string[] {
  const lines = data.split('\n').filter((line) => line.trim() !== '');
  return lines.length > 1 && parsed(data) === undefined ? lines : [data].filter((text) => text.trim() !== '');
}

function eventOf(data: string): AnswerEvent {
  return data.trimStart().startsWith('[DONE]') ? { kind: 'end' } : { kind: 'piece', value: JSON.parse(data) };
}

function parsed(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    return undefined;
  }
}
