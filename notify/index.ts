export { createLogNotifier } from './log-notifier.ts';
export { createMailNotifier } from './mail-notifier.ts';
export type { MailNotifierOptions } from './mail-notifier.ts';
export { noticeText } from './notice-text.ts';
export { createWebhookNotifier } from './webhook-notifier.ts';
export type { WebhookNotifierOptions } from './webhook-notifier.ts';
export type { Notice, Notifier } from '../contracts/notices.ts';
