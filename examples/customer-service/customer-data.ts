import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { DataImport } from './domain.ts';

/** What an import found in a customer's data. */
export type CustomerData = Pick<DataImport, 'rows' | 'rejected' | 'headline' | 'error'>;

const LONGEST = 5_000_000;

/** Reads a customer's data: an http(s) URL, or the name of an uploaded file. Never throws: a problem is the result. */
export async function readCustomerData(source: string, uploads: string): Promise<CustomerData> {
  try {
    const text = /^https?:\/\//.test(source) ? await download(source) : await readUpload(source, uploads);
    return summarise(text);
  } catch (error) {
    return { rows: 0, rejected: [], headline: '', error: error instanceof Error ? error.message : String(error) };
  }
}

async function download(url: string): Promise<string> {
  const response = await fetch(url, { signal: AbortSignal.timeout(5_000) }).catch((error: unknown) => {
    throw new Error(`${url} cannot be reached`, { cause: error });
  });
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  const text = await response.text();
  if (text.length > LONGEST) throw new Error(`${url} is larger than ${LONGEST} characters`);
  return text;
}

async function readUpload(name: string, uploads: string): Promise<string> {
  if (basename(name) !== name || name.startsWith('.')) throw new Error(`"${name}" is not the name of an uploaded file`);
  return readFile(join(uploads, name), 'utf8').catch(() => {
    throw new Error(`no file named "${name}" was uploaded`);
  });
}

/** The lines of `name,email,city`; a row needs an address. */
function summarise(text: string): CustomerData {
  const [head, ...lines] = text.split(/\r?\n/);
  const columns = (head ?? '').split(',').map((column) => column.trim());
  const [email, city] = [columns.indexOf('email'), columns.indexOf('city')];
  if (email === -1) throw new Error('the first line has no column "email"');
  const rejected: { line: number; problem: string }[] = [];
  const cities = new Map<string, number>();
  let rows = 0;
  lines.forEach((line, index) => {
    if (line.trim() === '') return;
    const cells = line.split(',').map((cell) => cell.trim());
    if (!(cells[email] ?? '').includes('@')) {
      rejected.push({ line: index + 2, problem: 'no e-mail address' });
      return;
    }
    rows += 1;
    const name = cells[city] ?? 'unknown';
    cities.set(name, (cities.get(name) ?? 0) + 1);
  });
  const [most] = [...cities].toSorted((one, other) => other[1] - one[1]);
  const headline = most
    ? `${rows} customers in ${cities.size} cities, most in ${most[0]} (${most[1]})`
    : 'no customers';
  return { rows, rejected, headline };
}
