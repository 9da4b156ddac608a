import { log } from '@temporalio/activity';
import { createLogNotifier, createMailNotifier, createWebhookNotifier } from '../notify/index.ts';
import type { Notifier } from '../notify/index.ts';
import type { NotifySetting } from './config.ts';

/** The notifiers that are set up. */
export function openNotifiers({ log: toLog, webhook, mail }: NotifySetting): Notifier[] {
  return [
    ...(toLog ? [logNotifier()] : []),
    ...(webhook === undefined ? [] : [createWebhookNotifier(webhook)]),
    ...(mail === undefined ? [] : [createMailNotifier(mail)]),
  ];
}

/** Into the log of the worker, on lines that name the task. */
export function logNotifier(): Notifier {
  return createLogNotifier({ write: (message, fields) => log.info(message, fields) });
}
