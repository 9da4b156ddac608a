/**
 * Characters at the end of a text that has not ended which are not shown yet: what is masked begins with a word that
 * says so, or is a number in groups, and is recognised only once it is whole.
 */
const HELD_BACK = 96;

/** A text that is shown while it grows, without what is masked of it. */
export interface MaskedStream {
  /** The next piece to be shown, after this has been added; often empty. */
  add(text: string): string;
  /** The rest, once nothing more comes. */
  end(): string;
}

/**
 * Masks a text whose pieces come one by one, and of which a secret may be cut in two: nothing is shown that a later piece
 * could still make a part of one. A pattern of one's own that spans more than a line is met only where it is whole.
 */
export function createMaskedStream(masked: (text: string) => string): MaskedStream {
  let whole = '';
  let shown = '';
  const upTo = (end: number): string => {
    const next = masked(whole.slice(0, end));
    // What was shown is now seen to be a part of something else: the rest is left to the whole text.
    if (!next.startsWith(shown)) return '';
    const piece = next.slice(shown.length);
    shown = next;
    return piece;
  };
  return {
    add: (text) => {
      whole += text;
      const end = safeEnd(whole, masked);
      return end === 0 ? '' : upTo(end);
    },
    end: () => upTo(whole.length),
  };
}

/** The last gap between words, well before the end, that no secret reaches over. */
function safeEnd(text: string, masked: (text: string) => string): number {
  const all = masked(text);
  for (let end = text.length - HELD_BACK; end > 0; end -= 1) {
    if (!/\s/.test(text.charAt(end))) continue;
    if (all.startsWith(masked(text.slice(0, end)))) return end;
  }
  return 0;
}
