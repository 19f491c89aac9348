/**
 * A command line for whatever login shell a user has: POSIX shells, csh and fish agree on what is in
 * single quotes only as long as that holds no quote, no backslash, no `!` and no line break.
 */
export function commandLine(words: readonly string[]): string {
  return words
    .map((word) => {
      if (!isPlain(word)) throw new Error(`no login shell may be given ${JSON.stringify(word)}`);
      return `'${word}'`;
    })
    .join(' ');
}

/** Whether every login shell takes it for what it is. */
export function isPlain(word: string): boolean {
  return /^[ "-&(-[\]-~]*$/.test(word);
}
