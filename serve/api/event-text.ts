import { LONGEST_MESSAGE } from '../../contracts/messages.ts';
import { parseBody } from '../http/read-json.ts';
import { Problem } from '../problems.ts';

/** What an event says: a body that is a JSON string as that string, any other as the JSON it came as. @throws Problem */
export function eventText(body: string): string {
  const payload = parseBody(body);
  const text = typeof payload === 'string' ? payload : body.trim();
  if (text.trim() === '') throw new Problem('invalid-request', 'The event is an empty text.');
  if (text.length <= LONGEST_MESSAGE) return text;
  throw new Problem(
    'invalid-request',
    `The event has ${text.length} characters, at most ${LONGEST_MESSAGE} are taken.`,
  );
}
