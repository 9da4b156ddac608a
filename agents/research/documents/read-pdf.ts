import { extractText, getDocumentProxy, getMeta } from 'unpdf';
import type { DocumentText, LineMark } from './document-text.ts';
import { lineMarks } from './document-text.ts';

/** The text of a PDF page by page. Its lines are counted on each page. @throws Error for what is no readable PDF */
export async function readPdf(bytes: Uint8Array): Promise<Omit<DocumentText, 'title'> & { readonly title?: string }> {
  // The reader takes the bytes for itself.
  const pdf = await getDocumentProxy(Uint8Array.from(bytes), { verbosity: 0 });
  try {
    const { text: pages } = await extractText(pdf, { mergePages: false });
    const { info } = await getMeta(pdf);
    const given: unknown = info['Title'];
    const title = typeof given === 'string' ? given.trim() : '';
    const { text, lines } = joined(pages);
    return { text, lines, headings: [], ...(title === '' ? {} : { title }) };
  } finally {
    await pdf.destroy();
  }
}

function joined(pages: readonly string[]): { readonly text: string; readonly lines: readonly LineMark[] } {
  let text = '';
  const lines: LineMark[] = [];
  for (const [index, page] of pages.entries()) {
    lines.push(...lineMarks(page, { offset: text.length, page: index + 1 }));
    text += `${page}\n`;
  }
  return { text, lines: lines.length === 0 ? lineMarks('') : lines };
}
