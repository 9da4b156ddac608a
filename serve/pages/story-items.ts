import { html } from 'hono/html';
import type { StoryLine } from '../story-line.ts';
import type { Markup } from './layout.ts';

/** The lines as items of the story's list. */
export function storyItems(lines: readonly StoryLine[]): Markup {
  return html`${lines.map(
    ({ at, who, text, tone }) =>
      html`<li class="${tone}">
        <span class="by">${who}</span> <span class="said">${text}</span>
        <time datetime="${at}">${at.slice(11, 16)}</time>
      </li>`,
  )}`;
}
