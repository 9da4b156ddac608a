import type { CallToolResult, ContentBlock } from '@modelcontextprotocol/sdk/types.js';
import { withAttachments } from '../attachments.ts';
import type { Attachment } from '../attachments.ts';
import { refuse } from '../refusal.ts';

const LARGEST_ATTACHMENT = 4 * 1024 * 1024;

/**
 * A server's result as a tool's: text for the model, images and documents beside it.
 * @throws ToolRefusal where the server says that the call failed
 */
export function resultOf({ content, structuredContent, isError }: CallToolResult): unknown {
  const parts = content.map(partOf);
  const text = parts.flatMap((part) => (part.text === undefined ? [] : [part.text])).join('\n');
  if (isError === true) refuse(text === '' ? 'The tool failed and did not say why.' : text);
  const attachments = parts.flatMap(({ attachment }) => (attachment === undefined ? [] : [attachment]));
  const told = content.length === 0 && structuredContent !== undefined ? JSON.stringify(structuredContent) : text;
  if (attachments.length === 0) return told === '' ? 'Done.' : told;
  return withAttachments(told, attachments);
}

interface Part {
  readonly text?: string;
  readonly attachment?: Attachment;
}

function partOf(block: ContentBlock): Part {
  switch (block.type) {
    case 'text':
      return { text: block.text };
    case 'image':
    case 'audio':
      return binary({ mediaType: block.mimeType, data: block.data });
    case 'resource_link':
      return { text: `[link to ${block.name}: ${block.uri}${block.mimeType ? `, ${block.mimeType}` : ''}]` };
    case 'resource':
      return document(block.resource);
  }
}

function document(resource: Extract<ContentBlock, { type: 'resource' }>['resource']): Part {
  const { uri: name, mimeType } = resource;
  if ('blob' in resource)
    return binary({ name, mediaType: mimeType ?? 'application/octet-stream', data: resource.blob });
  return { attachment: { name, mediaType: mimeType ?? 'text/plain', content: resource.text } };
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
