/** How often a start is tried again when somebody else took the port between choosing and using it. */
export const START_ATTEMPTS = 4;

/** Whether a failed start left the words of a port in use in its log. */
export function portWasTaken(error: unknown): boolean {
  return error instanceof Error && /address already in use|could not create server tcp/i.test(error.message);
}
