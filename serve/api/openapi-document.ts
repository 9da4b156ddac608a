import type { OpenAPIHono } from '@hono/zod-openapi';
import { rights, rightWords } from '../caller.ts';
import type { Environment } from '../http/environment.ts';

/** What there is, from the schemas that validate. */
export function openApiDocument(api: OpenAPIHono<Environment>, version: string) {
  api.openAPIRegistry.registerComponent('securitySchemes', 'key', {
    type: 'http',
    scheme: 'bearer',
    description: `A key of \`waymark serve keys create\`. Rights: ${rights.map((right) => `\`${right}\` (${rightWords[right]})`).join('; ')}.`,
  });
  api.openAPIRegistry.registerComponent('securitySchemes', 'webhook', {
    type: 'apiKey',
    in: 'header',
    name: 'webhook-signature',
    description:
      'Instead of a key: signed as the Standard Webhooks specification has it (`webhook-id`, `webhook-timestamp`, ' +
      '`webhook-signature`) with a secret of this service.',
  });
  return api.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Waymark',
      version,
      description: 'Durable agent tasks: start them, follow them, answer what they ask. Errors are RFC 9457 problems.',
    },
  });
}
