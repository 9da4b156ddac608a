import type { IdleAnswer } from '../../contracts/idle-answer.ts';
import { isObject } from '../../contracts/json.ts';
import type { ToolSpec } from '../../contracts/language-model.ts';
import { writtenCalls } from '../../contracts/written-call.ts';

const LONGEST_SAID = 300;
const LONGEST_FORM = 400;
/** What a call looks like that stands among other words, or is none: told by its marks, or by its two fields. */
const LOOKS_CALLED =
  /<tool_call>|<function=|\[TOOL_CALLS\]|<\|python_tag\|>|"(?:name|tool|function)"\s{0,9}:\s{0,9}"([\w.-]{1,64})"\s{0,9},\s{0,9}"(?:arguments|parameters|args)"/i;
const QUESTION_MARK = /[?？؟]/;

/**
 * What was wrong with an answer without a call, by its text alone.
 * @param offered the tools that it could have called
 * @param harmless one of them that does no harm where an example of it is copied
 * @param takes whether this model's calls are taken from its text
 */
export function idleAnswer(
  text: string,
  {
    offered,
    harmless = 'ask_user',
    takes,
  }: { readonly offered: readonly ToolSpec[]; readonly harmless?: string | undefined; readonly takes: boolean },
): IdleAnswer {
  const said = shortened(text.replaceAll(/\s+/g, ' ').trim(), LONGEST_SAID);
  const specNamed = (name: string): ToolSpec | undefined => offered.find((spec) => spec.name === name);
  const example = specNamed(harmless);
  if (said === '') return { kind: 'empty', said, ...shown(example, takes) };
  const calls = writtenCalls(text);
  const looks = LOOKS_CALLED.exec(text);
  if (calls.length > 0 || looks !== null) {
    const name = calls[0]?.name ?? looks?.[1];
    const known = name === undefined ? undefined : specNamed(name);
    const why = whyNot({ known: known !== undefined, named: name !== undefined, calls: calls.length, takes });
    return {
      kind: 'written-call',
      said,
      ...(known ? { tool: known.name } : {}),
      why,
      ...shown(known ?? example, takes, calls[0]?.arguments),
    };
  }
  if (!QUESTION_MARK.test(text)) return { kind: 'prose', said, ...shown(example, takes) };
  const asked = lastQuestion(text);
  return { kind: 'question', said, ...shown(specNamed('ask_user'), takes, JSON.stringify({ question: asked })) };
}

function whyNot(found: {
  readonly known: boolean;
  readonly named: boolean;
  readonly calls: number;
  readonly takes: boolean;
}): NonNullable<IdleAnswer['why']> {
  if (found.named && !found.known) return 'unknown';
  if (!found.takes) return 'route';
  return found.calls > 1 ? 'several' : 'beside';
}

/** How a call of a tool is made, for a model that writes text and for one that calls. */
function shown(spec: ToolSpec | undefined, takes: boolean, given?: string): { form?: string } {
  if (spec === undefined) return {};
  const args = given !== undefined && given.length <= LONGEST_FORM ? given : JSON.stringify(exampleOf(spec));
  const form = takes
    ? `Answer with one call and nothing else: {"name":"${spec.name}","arguments":${args}}`
    : `Call tools as your server has it, and not in your text: ${spec.name} with the arguments ${args}`;
  return form.length > 2 * LONGEST_FORM ? {} : { form };
}

function exampleOf({ parameters }: ToolSpec): Record<string, unknown> {
  const properties = isObject(parameters['properties']) ? parameters['properties'] : {};
  const required = Array.isArray(parameters['required']) ? parameters['required'] : [];
  const named = Object.entries(properties).filter(([name]) => required.includes(name));
  return Object.fromEntries(named.map(([name, schema]) => [name, exampleValue(name, isObject(schema) ? schema : {})]));
}

function exampleValue(name: string, { type, enum: among }: { readonly [key: string]: unknown }): unknown {
  if (Array.isArray(among)) return among[0];
  if (type === 'number' || type === 'integer') return 1;
  if (type === 'boolean') return true;
  if (type === 'array') return [];
  return type === 'object' ? {} : `<${name}>`;
}

/** The last sentence that asks. */
function lastQuestion(text: string): string {
  const sentences = text.match(/[^.!?？؟\n]{1,400}[?？؟]/g) ?? [];
  return shortened(sentences.at(-1)?.replaceAll(/\s+/g, ' ').trim() ?? '', LONGEST_FORM / 2);
}

function shortened(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1).toWellFormed()}…`;
}
