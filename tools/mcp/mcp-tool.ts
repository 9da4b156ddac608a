import type { ToolEffect } from '../../contracts/agent.ts';
import { decodeArguments } from '../../contracts/decode-by-schema.ts';
import type { BoundCall, Probed, Tool, ToolContext } from '../define-tool.ts';
import { withSecrets } from '../define-tool.ts';
import type { McpArguments, McpCompensation, McpProbe, McpToolSetting } from './mcp-definition.ts';
import type { McpRawResult } from './mcp-call.ts';
import type { McpListedTool } from './mcp-list.ts';
import { answerOf, resultOf } from './mcp-result.ts';

const DEFAULT_TIMEOUT_MS = 60_000;
const DEFAULT_ATTEMPTS = 5;

/** Says what is wrong with a call's arguments, in words that name the failing paths. */
export type CheckArguments = (args: unknown) => string | undefined;

/** A call of one of the server's tools, by the server's own name. */
export interface McpToolCall {
  readonly tool: string;
  readonly arguments: McpArguments;
  readonly timeoutMs: number;
  readonly once: boolean;
}

export interface McpToolParts {
  /** The server's name. */
  readonly server: string;
  /** As the model sees it. */
  readonly name: string;
  readonly listed: McpListedTool;
  /** With an effect, whoever says it. */
  readonly setting: McpToolSetting & { readonly effect: ToolEffect };
  readonly check: CheckArguments;
  readonly call: (call: McpToolCall, context: ToolContext) => Promise<McpRawResult>;
  /** The tool as the server lists it now; `undefined` where it has none any more. @throws where it does not answer */
  readonly renewed: () => Promise<Tool | undefined>;
}

/** A server's tool as one of ours: its input schema goes to the model as it is. */
export function createMcpTool(parts: McpToolParts): Tool {
  const { server, name, listed, setting, check, renewed } = parts;
  const { secrets, limits } = setting;
  return {
    description: descriptionOf(name, setting),
    spec: { name, description: withSecrets(listed.description, secrets), parameters: listed.inputSchema },
    from: `mcp:${server}`,
    grants: [],
    hints: listed.hints,
    ...(limits === undefined ? {} : { limits }),
    ...(secrets === undefined ? {} : { secrets }),
    bind: (rawArguments) => {
      const decoded = decodeArguments(listed.inputSchema, rawArguments, listed.name);
      if (!decoded.ok) return decoded;
      const problem = check(decoded.value);
      if (problem === undefined) return boundCall(parts, decoded);
      return { ok: false, problem: `The arguments do not fit: ${problem}. Send them again.` };
    },
    rebind: async (rawArguments) => {
      const decoded = decodeArguments(listed.inputSchema, rawArguments, listed.name);
      if (!decoded.ok) return decoded;
      try {
        const today = await renewed();
        return (
          today?.bind(rawArguments) ?? {
            ok: false,
            gone: true,
            problem: `MCP server "${server}" has no ${listed.name} any more.`,
          }
        );
      } catch {
        // Nobody can say what it takes now; the call itself finds that out.
        return boundCall(parts, decoded);
      }
    },
  };
}

function descriptionOf(name: string, setting: McpToolParts['setting']): Tool['description'] {
  const { effect, retry, compensate } = setting;
  return {
    name,
    effect,
    approval: setting.approval ?? (effect === 'read' ? 'never' : 'always'),
    timeoutMs: setting.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    attempts: setting.attempts ?? DEFAULT_ATTEMPTS,
    whenBroken: setting.whenBroken ?? (effect === 'read' ? 'tell' : 'block'),
    ...(retry === undefined ? {} : { retry }),
    ...(compensate ? { undo: { effect: compensate.effect, approval: compensate.approval ?? 'never' } } : {}),
  };
}

type Decoded = Extract<ReturnType<typeof decodeArguments>, { ok: true }>;

function boundCall(parts: McpToolParts, { value, text }: Decoded): Extract<BoundCall, { ok: true }> {
  const given: McpArguments = { ...value };
  const { listed, setting, call } = parts;
  const { effect, probe, compensate, timeoutMs = DEFAULT_TIMEOUT_MS } = setting;
  const made = { tool: listed.name, arguments: given, timeoutMs, once: effect === 'once' };
  return {
    ok: true,
    arguments: text,
    run: async (context) => resultOf(await call(made, context)),
    ...(probe && effect === 'once' ? { probe: (context) => probed(parts, probe, { given, context }) } : {}),
    ...(compensate ? { compensate: (done, context) => undo(parts, compensate, { given, done, context }) } : {}),
  };
}

async function probed(
  { call, setting }: McpToolParts,
  probe: McpProbe,
  { given, context }: { readonly given: McpArguments; readonly context: ToolContext },
): Promise<Probed> {
  const { timeoutMs = DEFAULT_TIMEOUT_MS } = setting;
  const asked = { tool: probe.tool, arguments: probe.arguments(given, context), timeoutMs, once: false };
  const found = await call(asked, context);
  const happened = probe.happened(answerOf(found), given);
  if (happened === undefined) return { kind: 'unknown' };
  return happened ? { kind: 'happened', result: resultOf({ ...found, isError: false }) } : { kind: 'did-not-happen' };
}

async function undo(
  { call, setting }: McpToolParts,
  compensate: McpCompensation,
  {
    given,
    done,
    context,
  }: {
    readonly given: McpArguments;
    readonly done: Parameters<McpCompensation['arguments']>[1];
    readonly context: ToolContext;
  },
): Promise<unknown> {
  const { timeoutMs = DEFAULT_TIMEOUT_MS } = setting;
  const args = compensate.arguments(given, done);
  return resultOf(
    await call({ tool: compensate.tool, arguments: args, timeoutMs, once: compensate.effect === 'once' }, context),
  );
}
