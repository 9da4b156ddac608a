import type { ToolSpec } from '../../contracts/language-model.ts';

/** Waymark's own tools that are of use at some moments only. */
const FOR_WAITING: readonly string[] = ['wait_until', 'wait_for_event'];
const FOR_READING_ON = 'read_artifact';

/** Words of waiting, English and German; who works in another language names the tool in the agent's instructions. */
const WAITING =
  /\b(?:wait|until|tomorrow|tonight|later|remind|schedul|postpone|deadline|event|webhook|notif|callback|(?:minute|hour|day|week|month)s?\b|warte|morgen|später|bis zum|erinner|termin|frist|ereignis|stunde|tage?\b|woche)/i;

/** What the present moment is about, for the question whether a tool is of use. */
export interface Moment {
  /** Instructions, goal, step at hand, newest input, and what the model said last. */
  readonly texts: readonly string[];
  /** Tools that the window shows calls of. */
  readonly called: ReadonlySet<string>;
  /** Tools that this run has been offered before: they stay. */
  readonly offered: ReadonlySet<string>;
}

/** Waymark's own tools, divided into those that are of use and those that are not yet. */
export function usefulTools(
  specs: readonly ToolSpec[],
  { texts, called, offered }: Moment,
): { readonly always: readonly ToolSpec[]; readonly later: readonly ToolSpec[] } {
  const waits = texts.some((text) => WAITING.test(text));
  const isUseful = ({ name }: ToolSpec): boolean => {
    if (!FOR_WAITING.includes(name) && name !== FOR_READING_ON) return true;
    if (called.has(name) || offered.has(name) || texts.some((text) => text.includes(name))) return true;
    return FOR_WAITING.includes(name) && waits;
  };
  return { always: specs.filter(isUseful), later: specs.filter((spec) => !isUseful(spec)) };
}

/** Does a prompt show a text that was cut, whose rest can be read? */
export function showsCutText(contents: readonly string[]): boolean {
  return contents.some((content) => content.includes(`${FOR_READING_ON} {"id"`));
}

/** The same tools, with the one for reading on among those that are offered. */
export function withReadingOn<
  Tools extends { readonly always: readonly ToolSpec[]; readonly later?: readonly ToolSpec[] },
>(tools: Tools): Tools {
  const isIt = ({ name }: ToolSpec): boolean => name === FOR_READING_ON;
  const { later = [] } = tools;
  return { ...tools, always: [...tools.always, ...later.filter(isIt)], later: later.filter((spec) => !isIt(spec)) };
}
