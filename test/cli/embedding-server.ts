import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import type { EmbeddingModel } from '../../contracts/embedding-model.ts';
import { bagOfWords } from '../memory/bag-of-words.ts';

const requestBody = z.object({ input: z.array(z.string()), encoding_format: z.string().optional() });

/** A provider's `/embeddings` over real HTTP, with the embedder that tests' workers use. */
export async function startEmbeddingServer(): Promise<{ readonly baseURL: string; stop(): Promise<void> }> {
  const embedder = bagOfWords();
  const server = createServer((request, response) => {
    const body =
      request.method === 'GET' ? listing(embedder.name) : text(request).then((sent) => answer(embedder, sent));
    void Promise.resolve(body).then((value) => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(value));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return {
    baseURL: `http://127.0.0.1:${port}/v1`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listing(id: string): unknown {
  return { object: 'list', data: [{ object: 'model', id }] };
}

async function answer(embedder: EmbeddingModel, sent: string): Promise<unknown> {
  const { input, encoding_format: format } = requestBody.parse(JSON.parse(sent));
  const vectors = await embedder.embed(input);
  const data = vectors.map((vector = new Float32Array(), index) => ({
    object: 'embedding',
    index,
    embedding: format === 'base64' ? Buffer.from(vector.buffer).toString('base64') : [...vector],
  }));
  return { object: 'list', data, model: embedder.name, usage: { prompt_tokens: 1, total_tokens: 1 } };
}
