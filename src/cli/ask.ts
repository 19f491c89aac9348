/** Questions on the terminal, asked on stderr. */
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';

export interface AskOptions {
  /** Whether what is typed is shown; so it is unless it is a secret. */
  readonly secret?: boolean;
  readonly signal?: AbortSignal;
}

/** Whether there is anybody to ask. */
export function isInteractive(): boolean {
  return process.stdin.isTTY && process.stderr.isTTY;
}

/** The line that is typed; undefined at the end of the input, Ctrl-C, or when the signal aborts. */
export async function ask(
  question: string,
  { secret = false, signal }: AskOptions = {},
): Promise<string | undefined> {
  const input = createInterface({
    input: process.stdin,
    // Otherwise the terminal stays as it is, so that Ctrl-C ends us.
    ...(secret && {
      output: new Writable({
        write: (_, __, done) => {
          done();
        },
      }),
      terminal: true,
    }),
  });
  process.stderr.write(question);
  const close = () => {
    input.close();
  };
  signal?.addEventListener('abort', close);
  input.once('SIGINT', close);
  try {
    if (signal?.aborted) return undefined;
    for await (const answer of input) return answer;
    return undefined;
  } finally {
    signal?.removeEventListener('abort', close);
    close();
    if (secret) process.stderr.write('\n');
  }
}

/** Whether the answer is yes; the end of the input is a no. */
export async function confirm(question: string, signal?: AbortSignal): Promise<boolean> {
  const answer = await ask(`${question} [y/N] `, signal && { signal });
  return /^y(es)?$/i.test(answer?.trim() ?? '');
}
