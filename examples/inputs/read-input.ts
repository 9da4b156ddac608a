import { readFile } from 'node:fs/promises';

/**
 * Reads an input file and fills in its placeholders, e.g. `${BROKEN_SERVICE_URL}`: addresses that exist only at run time.
 * @throws Error naming a placeholder without a value
 */
export async function readInput(
  file: string | URL,
  values: Readonly<Record<string, string | undefined>> = {},
): Promise<unknown> {
  return JSON.parse(await readFile(file, 'utf8'), (_key, value: unknown) =>
    typeof value === 'string' ? fill(value, values, String(file)) : value,
  );
}

function fill(text: string, values: Readonly<Record<string, string | undefined>>, file: string): string {
  return text.replace(/\$\{([A-Z_]+)\}/g, (_match, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`${file}: no value is given for ${name}`);
    return value;
  });
}
