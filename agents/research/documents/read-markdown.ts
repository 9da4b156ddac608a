import { fromMarkdown } from 'mdast-util-from-markdown';
import { toString } from 'mdast-util-to-string';
import type { DocumentText, HeadingMark, OpenHeading } from './document-text.ts';
import { lineMarks, openedBy } from './document-text.ts';

/** Markdown as it stands in its file; a `#` in a code block is no heading. */
export function readMarkdown(text: string): Omit<DocumentText, 'title'> & { readonly title?: string } {
  const headings: HeadingMark[] = [];
  let open: readonly OpenHeading[] = [];
  for (const node of fromMarkdown(text).children) {
    const at = node.position?.start.offset;
    if (node.type !== 'heading' || at === undefined) continue;
    open = openedBy(open, { depth: node.depth, words: toString(node).replaceAll(/\s+/g, ' ').trim() });
    headings.push({ at, path: open.map(({ words }) => words) });
  }
  const title = headings.find(({ path: [outermost] }) => outermost !== undefined && outermost !== '')?.path[0];
  return { text, lines: lineMarks(text), headings, ...(title === undefined ? {} : { title }) };
}
