/** Stands in for the user: answers what the extension asks in a message or a dialog. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';

type Shown = readonly unknown[];
type MessageMethod = (typeof messageMethods)[number];
type Method = MessageMethod | 'showSaveDialog' | 'showOpenDialog';

const messageMethods = [
  'showInformationMessage',
  'showWarningMessage',
  'showErrorMessage',
] as const;

/**
 * Runs something with one of VS Code's questions answered by the test.
 * @param answer given what is asked
 * @returns what was asked
 */
export async function answering(
  method: Method,
  answer: (...asked: Shown) => unknown,
  run: () => Thenable<unknown>,
): Promise<Shown[]> {
  const { window } = vscode;
  const asked: Shown[] = [];
  const original = Object.getOwnPropertyDescriptor(window, method);
  assert.ok(original);
  Object.defineProperty(window, method, {
    ...original,
    value: (...args: unknown[]) => {
      asked.push(args);
      return Promise.resolve(answer(...args));
    },
  });
  try {
    await run();
  } finally {
    Object.defineProperty(window, method, original);
  }
  return asked;
}

/** Runs something that asks whether the user is sure, and answers that; undefined for Escape. */
export function answeringWhetherSure(
  answer: string | undefined,
  run: () => Thenable<unknown>,
): Promise<Shown[]> {
  return answering('showWarningMessage', () => answer, run);
}

/** The message that is shown, and its buttons; nothing is chosen. */
export async function messageOf(
  method: MessageMethod,
  run: () => Thenable<unknown>,
): Promise<Shown> {
  const messages: { readonly method: Method; readonly shown: Shown }[] = [];
  // All are listened to: which other one was shown instead is what tells the cause.
  const watched = messageMethods.reduce(
    (inner, each) => () =>
      answering(each, (...shown) => void messages.push({ method: each, shown }), inner),
    run,
  );
  await watched();
  const [message, ...others] = messages.filter((each) => each.method === method);
  assert.ok(message !== undefined, `no ${method}, but ${JSON.stringify(messages)}`);
  assert.deepEqual(others, []);
  return message.shown;
}

/** Takes what each list and each line offers by itself, until the command has ended. */
export async function accepting(run: () => Thenable<unknown>): Promise<void> {
  // VS Code tells nobody that a question is open; to accept one before is to do nothing.
  const pressing = setInterval(() => {
    void vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
  }, 50);
  try {
    await run();
  } finally {
    clearInterval(pressing);
  }
}
