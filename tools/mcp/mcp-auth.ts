import type { OAuthClientProvider } from '@modelcontextprotocol/sdk/client/auth.js';
import type { McpClientCredentials, McpToken } from './mcp-definition.ts';

/** What is wrong with who calls, or `undefined`. */
export function authProblem(auth: McpClientCredentials | McpToken): string | undefined {
  if ('token' in auth || URL.canParse(auth.issuer)) return undefined;
  return `the issuer "${auth.issuer}" is no URL; give the authorization server that the client is registered with`;
}

/** Who calls, as the SDK's transport asks for it. Made for each connection, so that secrets may change. */
export async function authProviderOf(auth: McpClientCredentials | McpToken): Promise<OAuthClientProvider> {
  if ('token' in auth) return givenToken(auth);
  const { ClientCredentialsProvider } = await import('@modelcontextprotocol/sdk/client/auth-extensions.js');
  return new ClientCredentialsProvider({
    clientId: auth.clientId(),
    clientSecret: auth.clientSecret(),
    clientName: 'waymark',
    expectedIssuer: auth.issuer,
    ...(auth.scope === undefined ? {} : { scope: auth.scope }),
  });
}

/** A token that is refused cannot be mended here: nobody sits before a worker and signs in. */
async function givenToken({ token }: McpToken): Promise<OAuthClientProvider> {
  const { UnauthorizedError } = await import('@modelcontextprotocol/sdk/client/auth.js');
  const refused = (): never => {
    throw new UnauthorizedError('the token was refused');
  };
  return {
    redirectUrl: undefined,
    clientMetadata: { redirect_uris: [] },
    clientInformation: () => undefined,
    tokens: async () => ({ access_token: await token(), token_type: 'Bearer' }),
    saveTokens: () => undefined,
    saveCodeVerifier: () => undefined,
    codeVerifier: refused,
    redirectToAuthorization: refused,
    discoveryState: refused,
  };
}
