import { basename, extname } from 'node:path';
import type { DocumentText } from './document-text.ts';
import { lineMarks } from './document-text.ts';
import { readHtml } from './read-html.ts';
import { readMarkdown } from './read-markdown.ts';
import { readPdf } from './read-pdf.ts';

/** Bytes of the largest file that is read. */
export const LARGEST_FILE = 8 * 1024 * 1024;

/** A document's text, or why it could not be read, for people. */
export type Reading =
  { readonly ok: true; readonly document: DocumentText } | { readonly ok: false; readonly problem: string };

type Parts = Omit<DocumentText, 'title'> & { readonly title?: string };
type TextReader = (text: string) => Parts;

const TEXT_READERS: Readonly<Record<string, TextReader>> = {
  '.md': readMarkdown,
  '.markdown': readMarkdown,
  '.txt': readPlain,
  '.text': readPlain,
  '.html': readHtml,
  '.htm': readHtml,
};
const PDF = '.pdf';

/** Can this file be read, by its name? */
export function isDocument(path: string): boolean {
  const kind = extname(path).toLowerCase();
  return kind === PDF || kind in TEXT_READERS;
}

/** Reads a document of any kind that `isDocument` knows. Never throws: a broken file is a finding. */
export async function readDocument(path: string, bytes: Uint8Array): Promise<Reading> {
  if (bytes.length > LARGEST_FILE) {
    return { ok: false, problem: `it has ${bytes.length} bytes, at most ${LARGEST_FILE} are read: split it` };
  }
  const kind = extname(path).toLowerCase();
  const parts = kind === PDF ? await pdfParts(bytes) : textParts(bytes, TEXT_READERS[kind] ?? readPlain);
  if (typeof parts === 'string') return { ok: false, problem: parts };
  if (parts.text.trim() === '') {
    return { ok: false, problem: kind === PDF ? 'no text stands in it: it may be a scan' : 'it is empty' };
  }
  return { ok: true, document: { title: basename(path), ...parts } };
}

function textParts(bytes: Uint8Array, read: TextReader): Parts | string {
  if (bytes.includes(0)) return 'it is a binary file: a zero byte stands in it';
  try {
    return read(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    if (error instanceof TypeError && 'code' in error) return 'it is no UTF-8: save it as UTF-8';
    throw error;
  }
}

async function pdfParts(bytes: Uint8Array): Promise<Parts | string> {
  try {
    return await readPdf(bytes);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (/password/i.test(reason)) return 'it is locked with a password';
    return `it is no readable PDF (${reason.slice(0, 200)})`;
  }
}

function readPlain(text: string): Parts {
  return { text, lines: lineMarks(text), headings: [] };
}
