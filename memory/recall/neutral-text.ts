/** Whatever a reader would take for a blank or a line's end. */
const BLANKS = /[\s\u0085]+/gu;
/** Controls, marks of reading order, characters without a shape: what a person does not see and a model does. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Default_Ignorable_Code_Point}]/gu;
const OPENING = /[<\u2329\u3008\uFE64\uFF1C]|&(?:lt|#0*60|#x0*3c);?/giu;
const CLOSING = /[>\u232A\u3009\uFE65\uFF1E]|&(?:gt|#0*62|#x0*3e);?/giu;

/**
 * A text of unknown origin, for a prompt: one line in which every mark that could end a fence, open a message of another
 * role, quote code or link somewhere is replaced by one that looks alike and means nothing. What the text says stays;
 * that it is no instruction, only the fence and the rules around it can say.
 */
export function neutralText(text: string): string {
  return text
    .replace(BLANKS, ' ')
    .replace(UNSEEN, '')
    .replace(OPENING, '‹')
    .replace(CLOSING, '›')
    .replaceAll(/[[\uFF3B]/gu, '(')
    .replaceAll(/[\]\uFF3D]/gu, ')')
    .replaceAll(/`{3,}|~{3,}/gu, "'''")
    .trim();
}
