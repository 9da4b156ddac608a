/**
 * How a prompt says who speaks where several share a message: `[Waymark]` for Waymark's own words, `[person ada, …]` for
 * what people, services and agents sent. Each stands on a line of its own; in texts from outside none can.
 */
const SPEAKERS = String.raw`(?:(?:person|service|agent) [^\]\n]{1,300}|waymark)`;

const ENGINE = '[Waymark]\n';

/** Words of Waymark itself, in a message that is not its own. */
export function engineWords(text: string): string {
  return `${ENGINE}${text}`;
}

/** The beginning of any line that would name a speaker, in any case. */
export const SPEAKER_LINE = new RegExp(String.raw`^\[(?=${SPEAKERS}\])`, 'gim');

/** What a message says, by speakers: Waymark's parts without their mark, the others as they stand. */
export function bySpeaker(content: string): readonly { readonly engine: boolean; readonly text: string }[] {
  return content.split(BETWEEN).map((text) => {
    const engine = text.startsWith(ENGINE);
    return { engine, text: engine ? text.slice(ENGINE.length) : text };
  });
}

const BETWEEN = new RegExp(String.raw`(?:^|\n\n)(?=\[${SPEAKERS}\]\n)`, 'i');
