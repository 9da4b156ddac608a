import type { OpenAI } from 'openai';
import { z } from 'zod';

import type { EmbeddingModel } from '../contracts/embedding-model.ts';
import { failure, FailureType } from '../contracts/failures.ts';
import { brokenAnswerFailure, classifyFailure } from './classify-failure.ts';
import type { ModelTarget } from './model-target.ts';
import { cutToTokens } from './cut-to-tokens.ts';
import { openClient } from './open-client.ts';
import { withoutRefused } from './refused-texts.ts';
import { unitVector } from './unit-vector.ts';

/** What the providers take that take the fewest. */
const DEFAULT_BATCH_SIZE = 10;
/** What the most widely used models of sentences read; longer texts are refused by some servers. */
const DEFAULT_TOKENS = 512;
/** OpenAI's own, https://platform.openai.com/docs/guides/embeddings. */
const OPENAI_TOKENS = 8_191;
/** A margin for how differently models count. */
const SAFE_SHARE = 0.9;
const DEFAULT_TIMEOUT_MS = 60_000;

export interface OpenAiEmbeddingsOptions {
  /** May be empty for a server that asks for none. */
  readonly apiKey: string;
  /** Address of a server with `/embeddings`. Default: OpenAI's, or `OPENAI_BASE_URL`. */
  readonly baseURL?: string;
  readonly model: string;
  /** Length of the model's vectors; another length is refused. */
  readonly dimensions: number;
  /** Texts a request. Default 10, which every provider takes; OpenAI takes 2,048. */
  readonly batchSize?: number;
  /** Tokens of a text that the model reads; what is longer is cut. Default 512, and 8,191 for OpenAI's models. */
  readonly maxTokens?: number;
  /** Milliseconds until an answer must begin. Default 60,000. */
  readonly timeoutMs?: number;
}

const answer = z.object({ data: z.array(z.object({ index: z.number().optional(), embedding: z.array(z.number()) })) });

/**
 * An embedding model at OpenAI or at any compatible server. Vectors come back with length one; a text that the server
 * refuses has none, and costs no other text its own. It never retries; a vector of another length than `dimensions` is
 * a `ModelError.BadRequest`, since Redis would drop it without a word.
 */
export function createOpenAiEmbeddings(options: OpenAiEmbeddingsOptions): EmbeddingModel {
  const { model, dimensions, batchSize = DEFAULT_BATCH_SIZE, maxTokens = tokensOf(model) } = options;
  const client = openClient({ timeoutMs: DEFAULT_TIMEOUT_MS, ...options });
  const target: ModelTarget = { baseURL: client.baseURL, model, apiKey: options.apiKey };
  const longest = Math.max(1, Math.floor(maxTokens * SAFE_SHARE));
  const request = withoutRefused((batch) => requestVectors(client, target, { batch, dimensions }));
  return {
    name: model,
    dimensions,
    embed: async (texts) => {
      const vectors: (Float32Array | undefined)[] = [];
      const wanted = texts.map((text) => cutToTokens(text, longest));
      for (let from = 0; from < wanted.length; from += batchSize) {
        const rows = await request(wanted.slice(from, from + batchSize));
        for (const row of rows) vectors.push(row && checkVector(row, target, dimensions));
      }
      return vectors;
    },
  };
}

function tokensOf(model: string): number {
  return /^text-embedding-(3-|ada-)/.test(model) ? OPENAI_TOKENS : DEFAULT_TOKENS;
}

async function requestVectors(
  client: OpenAI,
  target: ModelTarget,
  { batch, dimensions }: { batch: readonly string[]; dimensions: number },
): Promise<number[][]> {
  let body: unknown;
  try {
    body = await client.embeddings.create({
      model: target.model,
      // Providers refuse an empty text together with the whole batch, and half a character as no JSON.
      input: batch.map((text) => (text === '' ? ' ' : text.toWellFormed())),
      // The default of the `openai` package, base64, is not understood by every compatible server.
      encoding_format: 'float',
      // Only these can be shortened; other servers refuse the parameter.
      ...(target.model.startsWith('text-embedding-3') ? { dimensions } : {}),
    });
  } catch (error) {
    throw classifyFailure(error, target);
  }
  return parseVectors(body, target, batch.length);
}

function parseVectors(body: unknown, target: ModelTarget, expected: number): number[][] {
  const parsed = answer.safeParse(body);
  if (!parsed.success) throw brokenAnswerFailure(target, 'sent no list of embeddings');
  const rows = parsed.data.data.map((row, position) => ({ ...row, index: row.index ?? position }));
  if (rows.length !== expected) {
    throw brokenAnswerFailure(target, `sent ${rows.length} vectors for ${expected} texts`);
  }
  return rows.toSorted((a, b) => a.index - b.index).map((row) => row.embedding);
}

function checkVector(values: readonly number[], target: ModelTarget, dimensions: number): Float32Array {
  if (values.length !== dimensions) {
    throw failure(FailureType.ModelBadRequest, {
      message:
        `Embedding model "${target.model}" gives vectors of ${values.length} numbers and not of ${dimensions}. ` +
        `Set its dimensions to ${values.length}, and use a fresh memory index.`,
    });
  }
  try {
    return unitVector(values);
  } catch {
    throw brokenAnswerFailure(target, 'sent a vector without a direction');
  }
}
