/**
 * Controls, marks that reorder or hide what stands around them, and fillers that are not seen; line
 * breaks and tabs are let be.
 */
const unseen = /(?![\t\n])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\u115f\u1160\u3164\uffa0]/gu;

/** Names and messages come from guests and their owners: what would deceive is shown, `⟨U+202E⟩`. */
export function visibleText(text: string): string {
  return text.replace(unseen, (character) => {
    const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
    return `⟨U+${code}⟩`;
  });
}
