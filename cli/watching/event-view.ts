import type { LiveLines } from '../terminal/live-lines.ts';
import type { Paint } from '../terminal/paint.ts';
import { wrapText } from '../terminal/plain-text.ts';

export interface EventRendererOptions {
  readonly write: (text: string) => void;
  readonly color: boolean;
  /** Also token counts of every section, every recalled memory, and attempts. Default false. */
  readonly verbose?: boolean;
  /** With it, waits come with the commands that end them. */
  readonly taskId?: string;
  /** Columns. Default 100. */
  readonly width?: number;
}

/** Columns of the label that stands before each line of a turn. */
export const LABEL = 12;

/** What a renderer of events remembers and writes with. */
export interface View {
  readonly options: EventRendererOptions;
  readonly paint: Paint;
  readonly width: number;
  readonly lines: LiveLines;
  turn: number;
  /** What the model has said in this answer so far. */
  said: string;
  status: string;
  /** How the memories begin that were shown already: a task's state changes every turn, and mostly at its end. */
  readonly remembered: Set<string>;
}

/** The header of a turn, once. */
export function openTurn(view: View, turn: number): void {
  if (turn <= view.turn) return;
  view.turn = turn;
  view.said = '';
  view.lines.line(rule(view, `turn ${turn}`, view.paint.strong));
}

export function rule({ width, paint }: View, title: string, style: (text: string) => string): string {
  return `${paint.quiet('──')} ${style(title)} ${paint.quiet('─'.repeat(Math.max(width - title.length - 4, 2)))}`;
}

/** A labelled line. */
export function say(view: View, word: string, text: string): void {
  view.lines.line(`${label(view, word)}${text}`);
}

/** A labelled text, on as many lines as it takes. */
export function tell(view: View, word: string, text: string, style: (text: string) => string): void {
  wrapText(text, room(view)).forEach((line, at) => say(view, at === 0 ? word : '', style(line)));
}

export function label({ paint }: View, word: string): string {
  return `  ${paint.quiet(word.padStart(LABEL - 3))} `;
}

export function room({ width }: View): number {
  return width - LABEL;
}
