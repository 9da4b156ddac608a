import { CommandError } from '../command-error.ts';

/** What was looked for by its id. @throws CommandError where it is not there */
export function foundMemory<Found>(
  found: Found | undefined,
  { id, tenant }: { readonly id: string; readonly tenant: string },
): Found {
  if (found !== undefined) return found;
  throw new CommandError(
    `Tenant "${tenant}" has no memory "${id}": it was never there, has expired, or was forgotten. \`waymark memory search\` prints ids.`,
  );
}
