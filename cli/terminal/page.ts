import { wrapText } from './plain-text.ts';
import type { Session } from '../session.ts';

const INDENT = '  ';
const BULLET = '· ';

/** A titled block of a page; nothing where it has no lines. */
export function section(session: Pick<Session, 'paint'>, title: string, lines: readonly string[]): string[] {
  if (lines.length === 0) return [];
  return ['', session.paint.strong(title), ...lines.map((line) => `${INDENT}${line}`)];
}

/** A text broken into lines that fit into a block. */
export function prose(session: Session, text: string): string[] {
  return wrapText(text, session.width - INDENT.length);
}

/** Texts as a list, each broken into lines that fit into a block. */
export function bullets(session: Session, texts: readonly string[]): string[] {
  return texts.flatMap((text) =>
    wrapText(text, session.width - INDENT.length - BULLET.length).map(
      (line, at) => `${at === 0 ? BULLET : '  '}${line}`,
    ),
  );
}
