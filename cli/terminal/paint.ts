/** Colours by what they mean. */
export interface Paint {
  readonly strong: (text: string) => string;
  readonly quiet: (text: string) => string;
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly warn: (text: string) => string;
  readonly name: (text: string) => string;
  /** A command to type. */
  readonly command: (text: string) => string;
}

/** Made for one stream: colour libraries decide for the whole process, and a command's output may go anywhere. */
export function createPaint(color: boolean): Paint {
  const style = (open: number, close: number) => (text: string) =>
    color && text !== '' ? `\u001B[${open}m${text}\u001B[${close}m` : text;
  return {
    strong: style(1, 22),
    quiet: style(2, 22),
    good: style(32, 39),
    bad: style(31, 39),
    warn: style(33, 39),
    name: style(36, 39),
    command: style(35, 39),
  };
}
