import { isDeepStrictEqual } from 'node:util';
import { withAttachments } from '../attachments.ts';
import type { Attachment } from '../attachments.ts';
import { refuse } from '../refusal.ts';
import type { McpRawResult } from './mcp-call.ts';
import { compactJson, parsedJson } from './compact-json.ts';
import type { McpAnswer } from './mcp-definition.ts';

const LARGEST_ATTACHMENT = 4 * 1024 * 1024;
const LONGEST_ODD_BLOCK = 1_000;

/**
 * A server's result as a tool's: text for the model, images and documents beside it.
 * @throws ToolRefusal where the server says that the call failed
 */
export function resultOf(result: McpRawResult): unknown {
  const { text, attachments, failed } = readResult(result);
  if (failed) refuse(text === '' ? 'The tool failed and did not say why.' : text);
  if (attachments.length > 0) return withAttachments(text, attachments);
  return text === '' ? 'Done.' : text;
}

/** A server's result for the code that judges it. */
export function answerOf(result: McpRawResult): McpAnswer {
  const { text, failed } = readResult(result);
  const { structuredContent: data } = result;
  return { text, data: data ?? parsedJson(text), refused: failed };
}

interface ReadResult {
  readonly text: string;
  readonly attachments: readonly Attachment[];
  readonly failed: boolean;
}

function readResult(result: McpRawResult): ReadResult {
  const { content, structuredContent: data, isError } = result;
  const parts = blocksOf(content).map(partOf);
  const texts = parts.flatMap(({ text }) => (text === undefined ? [] : [text]));
  const attachments = parts.flatMap(({ attachment }) => (attachment === undefined ? [] : [attachment]));
  const said = data === undefined || data === null || isTold(data, texts) ? texts : [...texts, JSON.stringify(data)];
  // The protocol's first version had the result as it is, under another name.
  const old =
    said.length === 0 && content === undefined && 'toolResult' in result
      ? [JSON.stringify(result['toolResult'])]
      : said;
  return { text: old.join('\n'), attachments, failed: isError === true };
}

function blocksOf(content: unknown): readonly unknown[] {
  if (content === undefined || content === null) return [];
  return Array.isArray(content) ? content : [content];
}

/**
 * Does the text say what the data says? It does where it is the same JSON, block by block or as a whole; data with one
 * field only may be told by its value.
 */
function isTold(data: unknown, texts: readonly string[]): boolean {
  const blocks = texts.map((text) => parsedJson(text) ?? text);
  const whole = texts.join('\n');
  const told = [...blocks, blocks, parsedJson(whole) ?? whole];
  const values = Object.values(Object(data));
  const meant = values.length === 1 ? [data, values[0], String(values[0])] : [data];
  return meant.some((one) => told.some((other) => isDeepStrictEqual(one, other)));
}

interface Part {
  readonly text?: string;
  readonly attachment?: Attachment;
}

/** A block as the protocol knows it; of any other, what can be read. */
function partOf(block: unknown): Part {
  if (typeof block === 'string') return { text: compactJson(block) };
  const { type, text, uri, name, mimeType, data, resource } = Object(block);
  if (type === 'text' && typeof text === 'string') return { text: compactJson(text) };
  if ((type === 'image' || type === 'audio') && typeof data === 'string') {
    return binary({ mediaType: mediaTypeIn(mimeType, 'application/octet-stream'), data });
  }
  if (type === 'resource_link' && typeof uri === 'string') {
    const named = typeof name === 'string' && name !== '' ? `${name}: ${uri}` : uri;
    return { text: `[link to ${named}${typeof mimeType === 'string' && mimeType !== '' ? `, ${mimeType}` : ''}]` };
  }
  return (type === 'resource' ? document(resource) : undefined) ?? { text: oddBlock(block) };
}

function oddBlock(block: unknown): string {
  const { type } = Object(block);
  const kind = typeof type === 'string' ? `a block of kind "${type}"` : 'a block of no kind';
  const json = JSON.stringify(block) ?? 'nothing';
  return `[${kind}: ${json.length > LONGEST_ODD_BLOCK ? `${json.slice(0, LONGEST_ODD_BLOCK)}…` : json}]`.toWellFormed();
}

function document(resource: unknown): Part | undefined {
  const { uri, mimeType, blob, text } = Object(resource);
  const name = typeof uri === 'string' ? { name: uri } : {};
  if (typeof blob === 'string') {
    return binary({ ...name, mediaType: mediaTypeIn(mimeType, 'application/octet-stream'), data: blob });
  }
  if (typeof text !== 'string') return undefined;
  return { attachment: { ...name, mediaType: mediaTypeIn(mimeType, 'text/plain'), content: text } };
}

function mediaTypeIn(given: unknown, otherwise: string): string {
  return typeof given === 'string' && given !== '' ? given : otherwise;
}

function binary({
  data,
  ...named
}: {
  readonly name?: string;
  readonly mediaType: string;
  readonly data: string;
}): Part {
  const content = Buffer.from(data, 'base64');
  if (content.length > LARGEST_ATTACHMENT) {
    return { text: `[${named.mediaType}, ${content.length} bytes: too large to keep]` };
  }
  return { attachment: { ...named, content } };
}
