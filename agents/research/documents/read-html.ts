import { parse } from 'parse5';
import type { DefaultTreeAdapterTypes } from 'parse5';
import type { DocumentText, HeadingMark, LineMark, OpenHeading } from './document-text.ts';
import { openedBy } from './document-text.ts';

type Node = DefaultTreeAdapterTypes.Node;

/** Their text is for machines. */
const SKIPPED: ReadonlySet<string> = new Set(['script', 'style', 'noscript', 'template', 'head', 'svg', 'iframe']);
/** They run on within a line; every other element begins a new one. */
const INLINE: ReadonlySet<string> = new Set(
  'a abbr b bdi bdo cite code data del dfn em font i ins kbd label mark q s samp small span strong sub sup time u var wbr'.split(
    ' ',
  ),
);
const CELLS: ReadonlySet<string> = new Set(['td', 'th']);
const HEADING = /^h([1-6])$/;

/** What a reader of the page sees, a line a block, each line marked with where it stands in the file. */
export function readHtml(html: string): Omit<DocumentText, 'title'> & { readonly title?: string } {
  const page = createPage();
  const document = parse(html, { sourceCodeLocationInfo: true });
  const title = textOf(document, 'title');
  page.walk(document, false);
  return { ...page.read(), ...(title === '' ? {} : { title }) };
}

function createPage() {
  let text = '';
  const lines: LineMark[] = [{ at: 0, line: 1 }];
  const headings: HeadingMark[] = [];
  let open: readonly OpenHeading[] = [];
  const breakLine = (): void => {
    if (text !== '' && !text.endsWith('\n')) text += '\n';
  };
  const write = (words: string, line: number, keepSpace: boolean): void => {
    const atStart = text === '' || text.endsWith('\n');
    const flat = keepSpace ? words : words.replaceAll(/\s+/g, ' ');
    const shown = !keepSpace && (atStart || text.endsWith(' ')) ? flat.trimStart() : flat;
    if (shown === '') return;
    lines.push({ at: text.length, line });
    text += shown;
  };
  const writeText = (value: string, from: number, keepSpace: boolean): void => {
    value.split('\n').forEach((words, index) => {
      if (index > 0 && keepSpace) text += '\n';
      write(index > 0 && !keepSpace ? ` ${words}` : words, from + index, keepSpace);
    });
  };
  const walk = (node: Node, keepSpace: boolean): void => {
    if ('value' in node && node.nodeName === '#text') {
      return writeText(node.value, node.sourceCodeLocation?.startLine ?? lines.at(-1)?.line ?? 1, keepSpace);
    }
    if (!('childNodes' in node) || SKIPPED.has(node.nodeName)) return;
    const name = node.nodeName;
    const level = HEADING.exec(name)?.[1];
    const isBlock = !name.startsWith('#') && !INLINE.has(name);
    if (CELLS.has(name) && text !== '' && !text.endsWith('\n')) text += ' | ';
    else if (isBlock) breakLine();
    const at = text.length;
    for (const child of node.childNodes) walk(child, keepSpace || name === 'pre');
    if (level !== undefined && text.length > at) {
      open = openedBy(open, { depth: Number(level), words: text.slice(at).replaceAll(/\s+/g, ' ').trim() });
      headings.push({ at, path: open.map(({ words }) => words) });
    }
    if (isBlock && !CELLS.has(name)) breakLine();
  };
  return { walk, read: () => ({ text, lines, headings }) };
}

/** The text of the first element of that name. */
function textOf(node: Node, name: string): string {
  if (!('childNodes' in node)) return '';
  for (const child of node.childNodes) {
    if (child.nodeName === name && 'childNodes' in child) {
      const words = child.childNodes.map((inner) => ('value' in inner ? inner.value : '')).join('');
      return words.replaceAll(/\s+/g, ' ').trim();
    }
    const found = textOf(child, name);
    if (found !== '') return found;
  }
  return '';
}
