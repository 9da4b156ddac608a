import { z } from 'zod';
import type { ApprovalPolicy } from '../../../contracts/approval-policy.ts';
import { defineTool } from '../../define-tool.ts';
import type { Tool } from '../../define-tool.ts';
import { messageIdOf } from '../../message-id.ts';
import { optionalPackage } from '../../optional-package.ts';
import { refuse } from '../../refusal.ts';
import { errorOf } from '../network/look.ts';

export interface SendMailOptions {
  /** `smtps://user:password@smtp.example.com`; read where the worker runs and never seen by the model. */
  readonly server: () => string;
  /** The sender of every mail, e.g. `Support <support@example.com>`. */
  readonly from: string;
  /** The only ones who are written to: addresses, or `@example.com` for everybody there. */
  readonly recipients: readonly [string, ...string[]];
  /** Default `send_mail`. */
  readonly name?: string;
  /** Default `always`. */
  readonly approval?: ApprovalPolicy;
}

const MOST_RECIPIENTS = 10;
const CONNECT_MS = 15_000;

/** SMTP commands after which a mail may have been taken. */
const TAKING = new Set(['DATA', 'API']);

/** Makes the tool that sends plain text mails to people of a list. */
export function createSendMailTool(options: SendMailOptions): Tool {
  const { server, from, recipients } = options;
  const permitted = recipients.map((recipient) => recipient.toLowerCase());
  return defineTool({
    name: options.name ?? 'send_mail',
    description: `Sends a plain text mail. It may go to: ${recipients.join(', ')}. Say in it who writes and why.`,
    input: z.object({
      to: z.array(z.email().max(320)).min(1).max(MOST_RECIPIENTS),
      subject: z
        .string()
        .min(1)
        .max(300)
        .regex(/^[^\r\n\0]*$/, 'one line'),
      text: z.string().min(1).max(100_000),
    }),
    effect: 'once',
    approval: options.approval ?? 'always',
    timeoutMs: 60_000,
    from: 'built-in',
    grants: [`recipients: ${recipients.join(', ')}`, `from: ${from}`],
    execute: async ({ to, subject, text }, { idempotencyKey, signal }) => {
      const stranger = to.find((address) => !mayBeWritten(address, permitted));
      if (stranger !== undefined) refuse(`${stranger} may not be written to; permitted: ${recipients.join(', ')}.`);
      const { createTransport } = await optionalPackage('nodemailer', () => import('nodemailer'));
      const transport = createTransport({ url: server(), connectionTimeout: CONNECT_MS, greetingTimeout: CONNECT_MS });
      const close = (): void => transport.close();
      signal.addEventListener('abort', close, { once: true });
      try {
        const messageId = messageIdOf(idempotencyKey, from);
        const closed = { disableFileAccess: true, disableUrlAccess: true };
        const sent = await transport.sendMail({ from, to, subject, text, messageId, signal, ...closed });
        return { messageId, accepted: sent.accepted.map(addressOf), rejected: sent.rejected.map(addressOf) };
      } catch (error) {
        signal.throwIfAborted();
        throw explained(error);
      } finally {
        signal.removeEventListener('abort', close);
        transport.close();
      }
    },
  });
}

function mayBeWritten(address: string, permitted: readonly string[]): boolean {
  const asked = address.toLowerCase();
  return permitted.some((entry) => (entry.startsWith('@') ? asked.endsWith(entry) : asked === entry));
}

function addressOf(recipient: string | { readonly address?: string | undefined }): string {
  return typeof recipient === 'string' ? recipient : (recipient.address ?? '');
}

/** What failed before the mail was handed over is known not to have happened, and is a refusal. */
function explained(error: unknown): unknown {
  const { command, permanent } = Object(error);
  const { message, code } = errorOf(error);
  if (permanent === true) return refuse(`The mail server does not take it: ${message}. Nothing was sent.`);
  if (TAKING.has(String(command)) || command === undefined) return error;
  return refuse(`The mail could not be handed over (${code}: ${message}). Nothing was sent.`);
}
