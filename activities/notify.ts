import { getClient } from '@temporalio/activity';
import type { AnswerUrl } from '../contracts/answer-links.ts';
import { failure, FailureType } from '../contracts/failures.ts';
import { uniqueTaskId } from '../contracts/ids.ts';
import type { Notice, NotifyInput } from '../contracts/notices.ts';
import { requestIdOf, requestsOf } from '../contracts/requests.ts';
import type { OpenRequest } from '../contracts/requests.ts';
import type { Stages } from '../contracts/stages.ts';
import type { TaskProgress } from '../contracts/task.ts';
import { abortSignal } from './attempt.ts';
import type { StageDependencies } from './dependencies.ts';
import { now } from './transcript/publish.ts';

/** Tells somebody of a request, as the task has it now: one that is open no more is told to nobody. */
export function createNotify({
  notifiers,
  answerUrl,
}: Pick<StageDependencies, 'notifiers' | 'answerUrl'>): Stages['notify'] {
  return async function notify(input) {
    const notifier = notifiers.find(({ name }) => name === input.notifier);
    if (!notifier) {
      const message = `This worker has no notifier "${input.notifier}"; it was there when the run began. Set it up again.`;
      throw failure(FailureType.NotifierBroken, { message });
    }
    const progress: TaskProgress = await getClient().workflow.getHandle(input.task.taskId).query('progress');
    const request = requestsOf(progress).find((open) => requestIdOf(open) === input.notice.requestId);
    if (!request) return;
    const notice = noticeOf(input, progress, request);
    await notifier.send({ ...notice, ...linkOf(notice, answerUrl) }, { signal: abortSignal() });
  };
}

function noticeOf(
  { task, notifier, notice, taskStartedAt }: NotifyInput,
  { agent, subject, goal }: TaskProgress,
  request: OpenRequest,
): Notice {
  return {
    idempotencyKey: `${uniqueTaskId(task.taskId, taskStartedAt)}:${notice.id}:${notifier}`,
    kind: notice.kind,
    ...(request.for === undefined ? {} : { to: request.for }),
    tenant: task.tenant,
    taskId: task.taskId,
    agent,
    ...(subject === undefined ? {} : { subject }),
    goal,
    request,
    at: now(),
  };
}

/** A link is for somebody: who answers by it is whom the request is for. */
function linkOf({ tenant, taskId, request }: Notice, answerUrl: AnswerUrl | undefined): Pick<Notice, 'link'> {
  if (!answerUrl || request.for === undefined) return {};
  const { askedAt, for: whom } = request;
  return { link: answerUrl({ tenant, taskId, requestId: requestIdOf(request), askedAt, for: whom }) };
}
