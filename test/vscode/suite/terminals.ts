/** Terminals of the extension, as the user has them. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';

/** What is to be shown is there within this, in ms. */
const limitMs = 30_000;

export interface OpenedTerminal {
  readonly terminal: vscode.Terminal;
  readonly pty: vscode.Pseudoterminal;
  readonly shown: Shown;
}

/** What is written to a terminal, without what only colours it or moves the cursor. */
export interface Shown {
  readonly text: () => string;
  /** As soon as it is there, since the beginning or since `clear`. */
  until(pattern: RegExp): Promise<void>;
  /** Forgets what was written so far. */
  clear(): void;
}

/** The terminal that is made. */
export async function terminalOf(run: () => Thenable<unknown>): Promise<OpenedTerminal> {
  const [first, ...others] = await terminalsOf(run);
  assert.ok(first !== undefined, 'no terminal is made');
  assert.deepEqual(others, []);
  return first;
}

export async function terminalsOf(run: () => Thenable<unknown>): Promise<OpenedTerminal[]> {
  const { window } = vscode;
  const original = Object.getOwnPropertyDescriptor(window, 'createTerminal');
  assert.ok(original);
  const made: OpenedTerminal[] = [];
  const { createTerminal } = window;
  Object.defineProperty(window, 'createTerminal', {
    ...original,
    value: (options: vscode.ExtensionTerminalOptions) => {
      // Before VS Code opens it.
      const shown = listenTo(options.pty);
      const terminal = createTerminal(options);
      made.push({ shown, terminal, pty: options.pty });
      return terminal;
    },
  });
  try {
    await run();
  } finally {
    Object.defineProperty(window, 'createTerminal', original);
  }
  return made;
}

/** Closes a terminal as the user does, until VS Code has told so. */
export async function closeTerminal(terminal: vscode.Terminal): Promise<void> {
  const closed = terminalEnd(terminal);
  terminal.dispose();
  await closed;
}

/** Resolves when the terminal is closed, by whomever. */
export function terminalEnd(terminal: vscode.Terminal): Promise<void> {
  return new Promise((resolve) => {
    const listener = vscode.window.onDidCloseTerminal((each) => {
      if (each !== terminal) return;
      listener.dispose();
      resolve();
    });
  });
}

function listenTo({ onDidWrite }: vscode.Pseudoterminal): Shown {
  let written = '';
  let wake = () => {
    // Nobody waits.
  };
  // eslint-disable-next-line no-control-regex
  const text = () => written.replaceAll(/\x1b\[[\d;?]*[A-Za-z]/g, '');
  onDidWrite((more) => {
    written += more;
    wake();
  });
  return {
    text,
    async until(pattern) {
      const limit = setTimeout(() => {
        wake();
      }, limitMs);
      const end = performance.now() + limitMs;
      try {
        while (!pattern.test(text())) {
          assert.ok(performance.now() < end, `no ${String(pattern)} in ${JSON.stringify(text())}`);
          await new Promise<void>((resolve) => (wake = resolve));
        }
      } finally {
        clearTimeout(limit);
      }
    },
    clear() {
      written = '';
    },
  };
}
