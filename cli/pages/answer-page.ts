import type { Said } from '../reaching/load-context.ts';
import type { Session } from '../session.ts';
import { section as titled } from '../terminal/page.ts';
import { plainText } from '../terminal/plain-text.ts';

/** What the model thought, said and called in a turn. Its thoughts are shown here alone: no prompt holds them. */
export function answerLines({ thoughts = '', text, calls }: Said, session: Pick<Session, 'paint' | 'width'>): string[] {
  const { paint } = session;
  return [
    ...titled(session, 'Thoughts', thoughts === '' ? [] : plainText(thoughts).split('\n')),
    ...titled(session, 'Answer', [
      ...(text === '' ? [] : plainText(text).split('\n')),
      ...calls.flatMap(({ id, name, arguments: raw, problem, written }) => [
        `${paint.quiet(`call ${id}${written === undefined ? '' : ', written as text'}`)} ${name} ${plainText(raw)}`,
        ...(problem === undefined ? [] : [`  not made: ${plainText(problem)}`]),
      ]),
    ]),
  ];
}
