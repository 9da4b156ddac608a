import type { Notifier } from '../contracts/notices.ts';
import { noticeText } from './notice-text.ts';

/** Writes notices to a log: the one that is always there. */
export function createLogNotifier(options: {
  readonly write: (message: string, fields: Readonly<Record<string, unknown>>) => void;
}): Notifier {
  return {
    name: 'log',
    send: async (notice) => {
      const { kind, to = null, taskId, request } = notice;
      const requestId = request.kind === 'question' ? request.id : request.callId;
      options.write(noticeText(notice).subject, { notice: kind, to, taskId, requestId });
    },
  };
}
