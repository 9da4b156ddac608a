/** What no store, search or wire keeps as it is: controls but for tabs and line ends. */
// oxlint-disable-next-line no-control-regex
const CONTROLS = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F]/g;

/** A text as every part of the house can keep it: halves of characters are replaced, controls are left out. */
export function storable(text: string): string {
  return text.toWellFormed().replaceAll(CONTROLS, '');
}
