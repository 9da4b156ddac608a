import { existsSync } from 'node:fs';

/** A file of `examples/`: beside the source in a checkout, one level further up when built. */
export function exampleFile(path: string): URL {
  const places = [
    new URL(`../../examples/${path}`, import.meta.url),
    new URL(`../../../examples/${path}`, import.meta.url),
  ];
  const found = places.find((place) => existsSync(place));
  if (!found) throw new Error(`The example file ${path} is missing from this installation.`);
  return found;
}
