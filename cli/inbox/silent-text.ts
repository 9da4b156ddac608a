const SILENT_SHOWN = 5;

/** What is said of tasks that could not say what they ask. */
export function silentText(silent: readonly string[]): string {
  const shown = silent.slice(0, SILENT_SHOWN).join(', ');
  const more = silent.length > SILENT_SHOWN ? ` and ${silent.length - SILENT_SHOWN} more` : '';
  return `Not listed: ${shown}${more}. They wait for somebody, and no worker answers for them. Is one up? \`waymark doctor\` tells.`;
}
