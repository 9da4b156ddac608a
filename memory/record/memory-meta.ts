import * as z from 'zod';
import type { Memory, NewMemory, Trust } from '../../contracts/memory.ts';
import type { Actor } from '../../contracts/transcript.ts';

const TRUSTS = ['person', 'tool', 'model'] as const satisfies readonly Trust[];
const ACTORS = ['person', 'service', 'agent'] as const satisfies readonly Actor['kind'][];

/** What no query looks at, in one field of short names; what has its default is left out. */
const metaSchema = z.object({
  /** Slot. */
  b: z.string().exactOptional(),
  o: z.string().exactOptional(),
  /** 1: private. */
  v: z.literal(1).exactOptional(),
  i: z.number().exactOptional(),
  c: z.number().exactOptional(),
  t: z.enum(TRUSTS).exactOptional(),
  /** Provenance: task (or how much of the memory's id it is), turn, sequence number, tool, and the speaker if known. */
  y: z
    .tuple(
      [
        z.union([z.string(), z.number()]).nullable(),
        z.number().nullable(),
        z.number().nullable(),
        z.string().nullable(),
      ],
      z.string(),
    )
    .exactOptional(),
  /** Expires, in milliseconds. */
  x: z.number().exactOptional(),
  /** The model that embedded it; during a move those of all its vectors, the newest generation last. */
  e: z.union([z.string(), z.array(z.string()).min(1)]),
  /** Who wrote it: kind and id, joined by the first `:`. */
  a: z.string(),
  /** Stands for its meaning (`meaning.ts`); a slot needs none. */
  h: z.string().exactOptional(),
});

/** @see unpackMeta */
export function packMeta(
  memory: NewMemory,
  options: { readonly id: string; readonly actor: Actor; readonly models: readonly string[]; readonly meaning: string },
): string {
  const { slot, owner, visibility, importance, confidence, trust, provenance = {}, expiresAt } = memory;
  const { id, actor, models, meaning } = options;
  const { taskId = null, turn = null, seq = null, tool = null, speaker } = provenance;
  const said = speaker === undefined ? [] : [speaker];
  const known = said.length > 0 || [taskId, turn, seq, tool].some((value) => value !== null);
  const meta: z.infer<typeof metaSchema> = {
    ...(slot === undefined ? {} : { b: slot }),
    ...(owner === undefined ? {} : { o: owner }),
    ...(visibility === 'private' ? { v: 1 as const } : {}),
    ...(importance === undefined || importance === 0.5 ? {} : { i: importance }),
    ...(confidence === undefined || confidence === 1 ? {} : { c: confidence }),
    ...(trust === undefined || trust === 'model' ? {} : { t: trust }),
    ...(known
      ? { y: [taskId !== null && id.startsWith(taskId) ? taskId.length : taskId, turn, seq, tool, ...said] }
      : {}),
    ...(expiresAt === undefined ? {} : { x: Date.parse(expiresAt) }),
    e: packModels(models),
    a: `${actor.kind}:${actor.id}`,
    ...(slot === undefined ? { h: meaning } : {}),
  };
  return JSON.stringify(meta);
}

/** What {@link packMeta} packed. @throws SyntaxError, ZodError */
export function unpackMeta(text: string, id: string): MemoryMeta {
  const { b: slot, o: owner, v, i, c, t, y, x, e } = metaSchema.parse(JSON.parse(text));
  const [task, turn, seq, tool, speaker] = y ?? [];
  const taskId = typeof task === 'number' ? id.slice(0, task) : task;
  return {
    ...(slot === undefined ? {} : { slot }),
    ...(owner === undefined ? {} : { owner }),
    visibility: v === 1 ? 'private' : 'shared',
    importance: i ?? 0.5,
    confidence: c ?? 1,
    trust: t ?? 'model',
    provenance: {
      ...(taskId == null ? {} : { taskId }),
      ...(turn == null ? {} : { turn }),
      ...(seq == null ? {} : { seq }),
      ...(tool == null ? {} : { tool }),
      ...(speaker === undefined ? {} : { speaker }),
    },
    ...(x === undefined ? {} : { expires: x }),
    model: modelsIn(e).at(-1) ?? '',
  };
}

/** The models that a memory has vectors of, or waits for. */
export function modelsOf(text: string): readonly string[] {
  return modelsIn(metaSchema.parse(JSON.parse(text)).e);
}

/** The same facts, but for the models that it has vectors of. */
export function withModels(text: string, models: readonly string[]): string {
  return JSON.stringify({ ...metaSchema.parse(JSON.parse(text)), e: packModels(models) });
}

function packModels(models: readonly string[]): string | string[] {
  const [only = '', ...others] = models;
  return others.length === 0 ? only : [...models];
}

function modelsIn(packed: string | readonly string[]): readonly string[] {
  return typeof packed === 'string' ? [packed] : packed;
}

/** Who wrote a memory. */
export function writerIn(text: string): Actor {
  const { a: writer } = metaSchema.parse(JSON.parse(text));
  const end = writer.indexOf(':');
  return { kind: z.enum(ACTORS).parse(writer.slice(0, end)), id: writer.slice(end + 1) };
}

type MemoryMeta = Pick<
  Memory,
  'slot' | 'owner' | 'visibility' | 'importance' | 'confidence' | 'trust' | 'provenance'
> & {
  readonly expires?: number;
  readonly model: string;
};

/**
 * The two facts that every candidate of a recall is ranked by, found in the JSON as it stands, because there are hundreds:
 * no value holds a name with its quotes, which would be escaped in it.
 */
export function rankingFacts(text: string): { readonly importance: number; readonly trust: Trust } {
  const trusted = /"t":"(\w+)"/.exec(text)?.[1];
  return {
    importance: Number(/"i":([\d.e-]+)/.exec(text)?.[1] ?? 0.5),
    trust: TRUSTS.find((trust) => trust === trusted) ?? 'model',
  };
}
