import type { Tool } from '../define-tool.ts';
import { settingOf } from './mcp-definition.ts';
import type { McpServerDefinition, McpToolSetting } from './mcp-definition.ts';
import type { McpListedTool, McpListing } from './mcp-list.ts';
import type { CheckArguments, McpToolParts } from './mcp-tool.ts';
import { createMcpTool } from './mcp-tool.ts';
import { toolNamesOf } from './tool-name.ts';

interface Server {
  readonly call: McpToolParts['call'];
  /** A tool by the name that the model sees, as the server lists it now. */
  readonly renewed: (name: string) => Promise<Tool | undefined>;
}

/** The tools of a list that may be called, each as it is set. */
export async function allowedTools(
  definition: McpServerDefinition,
  { tools }: McpListing,
  { call, renewed }: Server,
): Promise<readonly Tool[]> {
  const { name: server, prefix = true } = definition;
  const allowed = tools.flatMap((listed) => {
    const setting = settingOf(definition, listed.name);
    return setting === undefined ? [] : [{ listed, setting: withEffect(definition, listed, setting) }];
  });
  const names = toolNamesOf(
    prefix ? server : undefined,
    allowed.map(({ listed }) => listed.name),
  );
  const checkOf = await createChecks();
  return allowed.map(({ listed, setting }) => {
    const name = names.get(listed.name) ?? listed.name;
    return createMcpTool({ server, name, listed, setting, check: checkOf(listed), call, renewed: () => renewed(name) });
  });
}

/** What is set counts; what the server says does only where it is trusted, and then only that a tool reads. */
function withEffect(
  { trust }: McpServerDefinition,
  { hints }: McpListedTool,
  setting: McpToolSetting,
): McpToolParts['setting'] {
  const reads = trust === 'annotations' && hints.readOnly === true;
  const effect = setting.effect ?? (reads ? 'read' : 'once');
  if (effect !== 'read') return { ...setting, effect };
  const { compensate: _compensate, ...rest } = setting;
  return { ...rest, effect };
}

/** Arguments are checked by the server's own schema; one that cannot be read here is left to the server. */
async function createChecks(): Promise<(listed: McpListedTool) => CheckArguments> {
  const { AjvJsonSchemaValidator } = await import('@modelcontextprotocol/sdk/validation/ajv');
  const validator = new AjvJsonSchemaValidator();
  return ({ inputSchema }) => {
    let check: CheckArguments | undefined;
    return (args) => {
      check ??= compiled(() => {
        const validate = validator.getValidator(Object(inputSchema));
        return (given) => validate(given).errorMessage;
      });
      return check(args);
    };
  };
}

function compiled(compile: () => CheckArguments): CheckArguments {
  try {
    return compile();
  } catch {
    return () => undefined;
  }
}
