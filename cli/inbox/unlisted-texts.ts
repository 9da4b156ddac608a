import type { InboxList } from '../../client/index.ts';

const SILENT_SHOWN = 5;

/** What an inbox does not list, in sentences. */
export function unlistedTexts({ silent, more }: Pick<InboxList, 'silent' | 'more'>): string[] {
  return [
    ...(silent.length === 0 ? [] : [silentText(silent)]),
    ...(more ? ['More tasks wait than were looked at. Narrow it: --for, --agent.'] : []),
  ];
}

function silentText(silent: readonly string[]): string {
  const shown = silent.slice(0, SILENT_SHOWN).join(', ');
  const rest = silent.length > SILENT_SHOWN ? ` and ${silent.length - SILENT_SHOWN} more` : '';
  return `Not listed: ${shown}${rest}. They wait for somebody, and no worker answers for them. Is one up? \`waymark doctor\` tells.`;
}
