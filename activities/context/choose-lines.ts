import type { Tokenizer } from './tokenizer.ts';

/** A line of a section, and how much it matters: a lower rank stays longer. */
export interface RankedLine {
  readonly text: string;
  readonly rank: number;
}

/** The lines of a section that fit, in the order given, and those that do not. */
export interface ChosenLines<Line> {
  /** Empty where no line fits. */
  readonly text: string;
  readonly chosen: readonly Line[];
  readonly left: readonly Line[];
}

/** Chooses lines by rank until `limit` tokens are full; one that does not fit is skipped, never cut. */
export function chooseLines<Line extends RankedLine>(
  lines: readonly Line[],
  render: (chosen: readonly Line[]) => string,
  { count }: Tokenizer,
  limit: number,
): ChosenLines<Line> {
  const frame = count(render([]));
  const ranked = lines.toSorted((one, other) => one.rank - other.rank);
  const kept: Line[] = [];
  let tokens = frame;
  for (const line of ranked) {
    const cost = Math.max(count(render([line])) - frame, 0) + 1;
    if (tokens + cost > limit) continue;
    kept.push(line);
    tokens += cost;
  }
  const inOrder = (): Line[] => lines.filter((line) => kept.includes(line));
  // The whole is counted, too: what lines cost one by one adds up to it only nearly.
  while (kept.length > 0 && count(render(inOrder())) > limit) kept.pop();
  const chosen = inOrder();
  return {
    text: chosen.length === 0 ? '' : render(chosen),
    chosen,
    left: lines.filter((line) => !chosen.includes(line)),
  };
}

/** A text on one line. */
export function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}
