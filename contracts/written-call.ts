import { isObject } from './json.ts';

/** A call as a model wrote it into the text of its answer. */
export interface WrittenCall {
  readonly name: string;
  /** The JSON text of an object. */
  readonly arguments: string;
}

/** Longer texts are no calls. */
const LONGEST = 32_768;
/** What is put around calls, one within the other. */
const MOST_LAYERS = 6;

const FENCE = /^```[\w-]*\s([^]*?)```$/;
const TAG = /^<(tool_call|toolcall|tool_calls|function_call|functioncall|tool)>([^]*?)(?:<\/\1>)?$/i;
const NAMED_TAG = /^<(?:function|tool)[= ]"?(?:name=")?([\w.-]+)"?>([^]*?)<\/(?:function|tool)>$/i;
const PARAMETER = /<parameter[= ]"?(?:name=")?([\w.-]+)"?>\n?([^]*?)\n?<\/parameter>/gi;
/** Marks by which models of several makers begin and end a call. */
const MARKS =
  /^(?:<\|python_tag\|>|<\|tool_calls?(?:_start|_begin)?\|>|\[TOOL_CALLS\]|<\|?tool▁call▁begin\|?>)|(?:<\|tool_calls?_end\|>|<\|eo[mt](?:_id)?\|>|<\|im_end\|>)$/gi;
const CALLED = /^([A-Za-z][\w.-]*)\s*\(\s*(\{[^]*\})?\s*\)$/;

const NAMES = ['name', 'tool', 'tool_name', 'function', 'function_name', 'action'];
const ARGUMENTS = ['arguments', 'parameters', 'args', 'params', 'tool_input', 'action_input', 'input'];
const BESIDE = ['id', 'type', 'index', 'call_id', 'tool_call_id'];

/**
 * The calls that a text consists of, where it consists of nothing else: as JSON, in a fence, within the tags and marks of
 * chat templates, or as `tool({…})`. Anything beside a call makes the text prose, and prose has no calls.
 */
export function writtenCalls(text: string): readonly WrittenCall[] {
  if (text.length > LONGEST) return [];
  const whole = callsIn(text.trim());
  return whole ?? pieces(text.trim()) ?? [];
}

/** Several, each within a tag or fence of its own. */
function pieces(text: string): WrittenCall[] | undefined {
  const parts = text.match(/<tool_call>[^]*?<\/tool_call>|```[\w-]*\s[^]*?```/gi) ?? [];
  const rest = parts.reduce((left, part) => left.replace(part, ''), text);
  if (parts.length < 2 || rest.trim() !== '') return undefined;
  const found = parts.map((part) => callsIn(part));
  return found.every((calls) => calls !== undefined) ? found.flat() : undefined;
}

function callsIn(text: string, layer = 0): WrittenCall[] | undefined {
  if (layer > MOST_LAYERS) return undefined;
  const inner = unwrapped(text);
  if (inner !== undefined) return callsIn(inner, layer + 1);
  const tagged = NAMED_TAG.exec(text);
  if (tagged) return fromTag(tagged[1] ?? '', (tagged[2] ?? '').trim());
  const called = CALLED.exec(text);
  if (called) return one(called[1] ?? '', parsed(called[2] ?? '{}'));
  for (const candidate of jsonCandidates(text)) {
    const calls = callsOf(parsed(candidate));
    if (calls !== undefined) return calls;
  }
  return undefined;
}

/** A text without one layer of what is put around calls; `undefined` where there is none. */
function unwrapped(text: string): string | undefined {
  const plain = text.replaceAll(MARKS, '').trim();
  if (plain !== text) return plain;
  const fenced = FENCE.exec(text)?.[1];
  if (fenced !== undefined && !fenced.includes('```')) return fenced.trim();
  const tagged = TAG.exec(text);
  const within = tagged?.[2];
  return within === undefined || within.includes(`<${tagged?.[1] ?? ''}>`) ? undefined : within.trim();
}

/** Small models copy the doubled braces by which some templates describe the form, at both ends or at one. */
function jsonCandidates(text: string): string[] {
  if (!/^[{[]/.test(text)) return [];
  return text.startsWith('{{') ? [text.slice(1, -1), text.slice(1)] : [text];
}

function fromTag(name: string, body: string): WrittenCall[] | undefined {
  const given = [...body.matchAll(PARAMETER)];
  if (given.length === 0) return one(name, parsed(body === '' ? '{}' : body));
  if (body.replaceAll(PARAMETER, '').trim() !== '') return undefined;
  return one(name, Object.fromEntries(given.map(([, key = '', value = '']) => [key, parsed(value) ?? value])));
}

function callsOf(value: unknown, layer = 0): WrittenCall[] | undefined {
  if (layer > MOST_LAYERS) return undefined;
  if (Array.isArray(value)) {
    const calls = value.map((part) => callsOf(part, layer + 1));
    return value.length > 0 && calls.every((found) => found !== undefined) ? calls.flat() : undefined;
  }
  if (!isObject(value)) return undefined;
  const keys = Object.keys(value).filter((key) => !BESIDE.includes(key));
  const [only, ...others] = keys;
  const holds =
    only !== undefined &&
    others.length === 0 &&
    ['tool_calls', 'tool_call', 'function_call', 'function'].includes(only);
  if (holds) return callsOf(value[only], layer + 1);
  const name = keys.find((key) => NAMES.includes(key) && typeof value[key] === 'string');
  const given = keys.find((key) => ARGUMENTS.includes(key));
  if (name === undefined || given === undefined || keys.length !== 2) return undefined;
  return one(String(value[name]), value[given]);
}

function one(name: string, given: unknown): WrittenCall[] | undefined {
  const value = typeof given === 'string' ? parsed(given) : given;
  return isObject(value)
    ? [{ name: name.replace(/^(?:functions?|tools?)\./, ''), arguments: JSON.stringify(value) }]
    : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
