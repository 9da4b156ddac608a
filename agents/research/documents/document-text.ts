/** Where a line of the text came from. */
export interface LineMark {
  /** First character of the line, in the text. */
  readonly at: number;
  /** Line of the file; of the page, where the file has pages. From 1. */
  readonly line: number;
  /** From 1; only of files that have pages. */
  readonly page?: number;
}

/** From this character on, the text stands under these headings, the outermost first. */
export interface HeadingMark {
  readonly at: number;
  readonly path: readonly string[];
}

/** A document as text that still knows where in its file everything stands. */
export interface DocumentText {
  readonly title: string;
  readonly text: string;
  /** In the order of the text; the first is at 0. */
  readonly lines: readonly LineMark[];
  readonly headings: readonly HeadingMark[];
}

/** Where a piece of a text stands in its file. */
export interface Place {
  readonly lines: readonly [from: number, to: number];
  readonly page?: number;
}

/** The place of the characters from `from` to before `to`. */
export function placeOf(lines: readonly LineMark[], from: number, to: number): Place {
  const first = markAt(lines, from);
  const last = markAt(lines, Math.max(to - 1, from));
  const place = { lines: [first?.line ?? 1, last?.line ?? 1] as const };
  return first?.page === undefined ? place : { ...place, page: first.page };
}

/** The headings over a character. */
export function headingsAt(headings: readonly HeadingMark[], at: number): readonly string[] {
  return markAt(headings, at)?.path ?? [];
}

/** A mark for each line of a text that stands in its file as it is. */
export function lineMarks(
  text: string,
  options: { readonly offset?: number; readonly page?: number } = {},
): LineMark[] {
  const { offset = 0, page } = options;
  const marks: LineMark[] = [];
  for (let at = 0, line = 1; at >= 0; line += 1) {
    marks.push({ at: offset + at, line, ...(page === undefined ? {} : { page }) });
    const end = text.indexOf('\n', at);
    at = end < 0 ? -1 : end + 1;
  }
  return marks;
}

/** A heading that is open: its depth (1 is the outermost) and its words. */
export interface OpenHeading {
  readonly depth: number;
  readonly words: string;
}

/** The headings that are open after another one; levels may be left out. */
export function openedBy(open: readonly OpenHeading[], heading: OpenHeading): OpenHeading[] {
  return [...open.filter(({ depth }) => depth < heading.depth), heading];
}

/** The last mark that is not beyond a character; marks are in the order of the text. */
function markAt<Mark extends { readonly at: number }>(marks: readonly Mark[], at: number): Mark | undefined {
  let [low, high] = [0, marks.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((marks[middle]?.at ?? 0) <= at) low = middle + 1;
    else high = middle;
  }
  return marks[low - 1];
}
