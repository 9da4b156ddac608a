import { ApplicationFailure } from '@temporalio/common';
import { FailureType } from '../contracts/failures.ts';

/** Failures that may be about the texts of a request, and not about the server, the key or the model. */
const ABOUT_TEXTS: ReadonlySet<string> = new Set<FailureType>([
  FailureType.ModelBadRequest,
  FailureType.ModelContextOverflow,
  FailureType.ModelRefused,
]);
/** How servers say it that answer with a status of 500 instead. */
const TOO_LONG =
  /\b(input|text|prompt|sequence|tokens?)\b.*\b(too (long|large)|exceeds?|longer than|must have less than|maximum)\b/i;

/** A text that everybody takes: where it is refused, too, the request is at fault and not what it holds. */
const PLAIN_TEXT = 'ok';

type Request<Vector> = (texts: readonly string[]) => Promise<readonly (Vector | undefined)[]>;

/**
 * Asks such that a text which a server refuses (too long, filtered, blank) costs itself only: a refused batch is halved
 * until the text stands alone, and is `undefined`. Until the server has taken anything, a text refused alone is held
 * against a plain one, so that a wrong configuration is never taken for a text's fault.
 * @throws what `request` throws, where that is not about the texts
 */
export function withoutRefused<Vector>(request: Request<Vector>): Request<Vector> {
  let hasTaken = false;
  const ask: Request<Vector> = async (texts) => {
    const vectors = await request(texts);
    hasTaken = true;
    return vectors;
  };
  const halved: Request<Vector> = async (texts) => {
    try {
      return await ask(texts);
    } catch (error) {
      if (!isAboutTexts(error)) throw error;
      if (texts.length === 1) {
        if (!hasTaken && !(await takesPlainText(ask))) throw error;
        return [undefined];
      }
      const middle = Math.ceil(texts.length / 2);
      return [...(await halved(texts.slice(0, middle))), ...(await halved(texts.slice(middle)))];
    }
  };
  return halved;
}

function isAboutTexts(error: unknown): boolean {
  if (!(error instanceof ApplicationFailure)) return false;
  return (
    ABOUT_TEXTS.has(error.type ?? '') || (error.type === FailureType.ModelServerError && TOO_LONG.test(error.message))
  );
}

async function takesPlainText(ask: Request<unknown>): Promise<boolean> {
  try {
    await ask([PLAIN_TEXT]);
    return true;
  } catch (error) {
    if (isAboutTexts(error)) return false;
    throw error;
  }
}
