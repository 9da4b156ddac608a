import type { ErrorHandler, NotFoundHandler } from 'hono';
import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { Log } from '../log.ts';
import { asProblem, Problem, problemBody } from '../problems.ts';
import type { Environment } from './environment.ts';

/** Answers whatever was thrown. What nobody foresaw is logged whole, and told to nobody. */
export function answerProblems(log: Log): ErrorHandler<Environment> {
  return (error, c) => {
    const problem = error instanceof HTTPException ? fromFramework(error) : asProblem(error);
    if (problem.code === 'internal') log.error({ requestId: c.var.requestId, err: error }, 'a request failed');
    return problemResponse(c, problem);
  };
}

export const answerNotFound: NotFoundHandler<Environment> = (c) =>
  problemResponse(c, new Problem('not-found', `There is nothing at ${c.req.path}.`));

export function answerNotAllowed(c: Context<Environment>, methods: readonly string[]): Response {
  const allowed = methods.join(', ');
  const detail = `${c.req.path} takes ${allowed}, not ${c.req.method}.`;
  return problemResponse(c, new Problem('method-not-allowed', detail, { headers: { Allow: allowed } }));
}

function fromFramework(error: HTTPException): Problem {
  const code = error.status === 413 ? 'too-large' : 'invalid-request';
  return new Problem(code, error.message || 'The request is malformed.', { cause: error });
}

function problemResponse(c: Context<Environment>, problem: Problem): Response {
  const body = JSON.stringify(problemBody(problem, c.var.requestId));
  const headers = { 'Content-Type': 'application/problem+json', 'Cache-Control': 'no-store', ...problem.headers };
  return c.newResponse(body, problem.status, headers);
}
