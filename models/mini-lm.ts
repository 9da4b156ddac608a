import { readFile } from 'node:fs/promises';

import type { InferenceSession, Tensor } from 'onnxruntime-node';

import type { EmbeddingThreadData } from './embedding-thread-messages.ts';
import { meanPooled } from './mean-pooling.ts';

export const MINI_LM_DIMENSIONS = 384;

/** The model was trained on no more; what comes after is cut off. */
const MOST_TOKENS = 256;
/** More than 256 tokens of any prose; keeps the tokenizer from reading a whole book. */
const MOST_CHARACTERS = 8192;
const SEPARATOR = 102;

type MakeTensor = (values: BigInt64Array, shape: readonly number[]) => Tensor;
type Tokenize = (text: string) => number[];

/**
 * Loads all-MiniLM-L6-v2 and returns what embeds a small batch with it: mean pooling, vectors of length one.
 * @throws Error naming what to install, or which file is wrong
 */
export async function loadMiniLm(
  data: EmbeddingThreadData,
): Promise<(texts: readonly string[]) => Promise<Float32Array[]>> {
  const tokenize = await loadTokenizer(data.tokenizerPath);
  const { session, makeTensor } = await loadSession(data);
  return async (texts) => {
    const rows = texts.map(tokenize);
    const length = Math.max(...rows.map((row) => row.length));
    const values = await infer(session, paddedInputs({ rows, length, makeTensor }));
    return rows.map((row, index) =>
      meanPooled({ values, length, dimensions: MINI_LM_DIMENSIONS }, { row: index, tokens: row.length }),
    );
  };
}

async function loadTokenizer(path: string): Promise<Tokenize> {
  const { Tokenizer } = await import('@huggingface/tokenizers').catch(explainMissing('@huggingface/tokenizers'));
  const definition: unknown = JSON.parse(await readFile(path, 'utf8'));
  const tokenizer = new Tokenizer(Object(definition), {});
  return (text) => {
    const { ids } = tokenizer.encode(text.slice(0, MOST_CHARACTERS));
    return ids.length > MOST_TOKENS ? [...ids.slice(0, MOST_TOKENS - 1), SEPARATOR] : ids;
  };
}

async function loadSession(data: EmbeddingThreadData): Promise<{ session: InferenceSession; makeTensor: MakeTensor }> {
  const onnx = await import('onnxruntime-node').catch(explainMissing('onnxruntime-node'));
  const session = await onnx.InferenceSession.create(data.modelPath, {
    intraOpNumThreads: data.threads,
    interOpNumThreads: 1,
  });
  return { session, makeTensor: (values, shape) => new onnx.Tensor('int64', values, shape) };
}

function paddedInputs(batch: {
  rows: readonly (readonly number[])[];
  length: number;
  makeTensor: MakeTensor;
}): Record<string, Tensor> {
  const { rows, length, makeTensor } = batch;
  const ids = new BigInt64Array(rows.length * length);
  const mask = new BigInt64Array(rows.length * length);
  rows.forEach((row, index) => {
    ids.set(row.map(BigInt), index * length);
    mask.fill(1n, index * length, index * length + row.length);
  });
  const shape = [rows.length, length];
  return {
    input_ids: makeTensor(ids, shape),
    attention_mask: makeTensor(mask, shape),
    token_type_ids: makeTensor(new BigInt64Array(rows.length * length), shape),
  };
}

async function infer(session: InferenceSession, inputs: Record<string, Tensor>): Promise<Float32Array> {
  const output = (await session.run(inputs))[session.outputNames[0] ?? ''];
  if (!(output?.data instanceof Float32Array) || output.dims.at(-1) !== MINI_LM_DIMENSIONS) {
    throw new Error(`the model file is not all-MiniLM-L6-v2: its output is ${String(output?.dims)} of ${output?.type}`);
  }
  return output.data;
}

function explainMissing(name: string): (error: unknown) => never {
  return (error) => {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(
      `The local embedding model needs the package ${name}: npm install onnxruntime-node @huggingface/tokenizers, ` +
        `or configure a provider's embeddings. (${reason})`,
    );
  };
}
