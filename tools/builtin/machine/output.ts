import type { Readable } from 'node:stream';
import { decodeText, looksBinary } from '../text.ts';

/** Gathers what a program writes, up to a number of bytes of its beginning and as many of its end; gives it as text. */
export function createOutput(stream: Readable, most: number): () => string {
  const half = Math.floor(most / 2);
  let [head, tail, total] = [Buffer.alloc(0), Buffer.alloc(0), 0];
  stream.on('data', (chunk: Buffer) => {
    total += chunk.length;
    const room = half - head.length;
    head = Buffer.concat([head, chunk.subarray(0, Math.max(room, 0))]);
    const rest = chunk.subarray(Math.max(room, 0));
    tail = Buffer.concat([tail, rest]).subarray(-half);
  });
  return () => {
    if (looksBinary(head)) return `[${total} bytes that are no text]`;
    const left = total - head.length - tail.length;
    if (left <= 0) return decodeText(Buffer.concat([head, tail]), { cut: false }).text;
    const note = `\n[… ${left} bytes left out …]\n`;
    return `${decodeText(head, { cut: true }).text}${note}${decodeText(tail, { cut: false }).text.replace(/^\uFFFD+/, '')}`;
  };
}
