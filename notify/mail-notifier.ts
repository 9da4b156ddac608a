import { failure, FailureType } from '../contracts/failures.ts';
import type { Notifier } from '../contracts/notices.ts';
import { messageIdOf } from '../tools/message-id.ts';
import { optionalPackage } from '../tools/optional-package.ts';
import { noticeText } from './notice-text.ts';

export interface MailNotifierOptions {
  /** `smtps://user:password@smtp.example.com` */
  readonly server: string;
  /** The sender of every mail, e.g. `Waymark <waymark@example.com>`. */
  readonly from: string;
  /**
   * Who may be written to, because it is mostly a model that names them: addresses, `@example.com` for everybody there,
   * and `role=address` for those who are named by another word.
   */
  readonly recipients: readonly string[];
  /** Default `mail`. */
  readonly name?: string;
}

const CONNECT_MS = 10_000;

/** Mails notices to whom the request is for. What is for nobody in particular is mailed to nobody. */
export function createMailNotifier({ server, from, recipients, name = 'mail' }: MailNotifierOptions): Notifier {
  return {
    name,
    send: async (notice, { signal }) => {
      if (notice.to === undefined) return;
      const to = addressOf(notice.to, recipients);
      if (to === undefined) {
        const message = `notifier "${name}" may not write to "${notice.to}"; permitted: ${recipients.join(', ')}`;
        throw failure(FailureType.NotifierRefused, { message });
      }
      const { createTransport } = await optionalPackage('nodemailer', () => import('nodemailer'));
      const transport = createTransport({ url: server, connectionTimeout: CONNECT_MS, greetingTimeout: CONNECT_MS });
      const close = (): void => transport.close();
      signal.addEventListener('abort', close, { once: true });
      try {
        const messageId = messageIdOf(notice.idempotencyKey, from);
        const closed = { disableFileAccess: true, disableUrlAccess: true };
        await transport.sendMail({ from, to, ...noticeText(notice), messageId, ...closed });
      } finally {
        signal.removeEventListener('abort', close);
        transport.close();
      }
    },
  };
}

/** The address of whom a request is for; none where it may not be written to. */
function addressOf(whom: string, recipients: readonly string[]): string | undefined {
  const asked = whom.trim().toLowerCase();
  for (const recipient of recipients) {
    const [role = '', address] = recipient.split('=');
    if (address !== undefined && role.toLowerCase() === asked) return address;
    if (address !== undefined || !isAddress(asked)) continue;
    if (recipient.startsWith('@') ? asked.endsWith(recipient.toLowerCase()) : asked === recipient.toLowerCase()) {
      return asked;
    }
  }
  return undefined;
}

/** One address, and nothing that a mail server might take for more. */
function isAddress(text: string): boolean {
  return /^[^\s@<>,;:"()[\]\\]+@[a-z0-9.-]+$/.test(text);
}
