/** Recognising a cause by what QEMU printed. */
import type { Diagnosis, FailureEvidence, Recogniser } from '../diagnosis';

/** A part of the pattern that may not have taken part in a match is empty. */
type Say = (words: readonly string[], evidence: FailureEvidence) => Diagnosis | undefined;

/**
 * @param pattern of a line, or of the end of one
 * @param say is given the pattern's groups
 */
export function said(pattern: RegExp, say: Say): Recogniser {
  const anywhere = new RegExp(pattern.source, 'm');
  return (evidence) => {
    const match = anywhere.exec(evidence.instance.output);
    return match === null
      ? undefined
      : say(
          match.slice(1).map((word: string | undefined) => word ?? ''),
          evidence,
        );
  };
}

export function firstOf(recognisers: readonly Recogniser[]): Recogniser {
  return (evidence) => {
    for (const recognise of recognisers) {
      const diagnosis = recognise(evidence);
      if (diagnosis !== undefined) return diagnosis;
    }
    return undefined;
  };
}
