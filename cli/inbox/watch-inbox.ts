import { render } from 'ink';
import { createElement } from 'react';
import type { InboxFilter, Waymark } from '../../client/index.ts';
import type { Acting } from '../../contracts/who-may-answer.ts';
import { InboxApp } from './inbox-app.ts';

const EVERY_MS = 3_000;
const OTHER_SCREEN = '\u001B[?1049h\u001B[H';
const OWN_SCREEN = '\u001B[?1049l';

/** Shows the inbox on a screen of its own, until the person leaves it; the terminal is then as it was. */
export async function watchInbox(
  waymark: Waymark,
  options: { readonly filter: InboxFilter; readonly acting: Acting; readonly colours: boolean },
): Promise<void> {
  const { stdout } = process;
  stdout.write(OTHER_SCREEN);
  try {
    await render(createElement(InboxApp, { waymark, ...options, everyMs: EVERY_MS }), {
      exitOnCtrlC: false,
    }).waitUntilExit();
  } finally {
    stdout.write(OWN_SCREEN);
  }
}
