/** Stands in for the user: answers the lists and lines of text that the extension asks with. */
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import * as vscode from 'vscode';

/** What is typed or, of a list, the label of what is chosen. */
type Answer = string | RegExp | typeof leave;

/** The user closes the question. */
export const leave = Symbol('leave');

export interface Asked {
  readonly title: string | undefined;
  /** Of a line: what was in it before. */
  readonly value: string;
  /** Of a line: what is wrong with what was typed before. */
  readonly validation: string | undefined;
  /** Of a list: the labels. */
  readonly labels: readonly string[];
}

/** VS Code tells nobody that a question is drawn; before that, nothing is accepted. */
const drawnMs = 30;

/**
 * Runs something with its questions answered in their order, each in VS Code's own input.
 * @returns what was asked: as many as there are answers
 */
export async function answeringQuestions(
  answers: readonly Answer[],
  run: () => Thenable<unknown>,
): Promise<Asked[]> {
  const asked: Asked[] = [];
  const answered: Promise<void>[] = [];
  const put = async (input: Input, isOpen: () => boolean): Promise<void> => {
    const answer = answers[answered.length] ?? leave;
    const question = await look(input, answer);
    asked.push(question);
    if (answer === leave) input.hide();
    else await accept(input, answer, isOpen);
  };
  const restore = [
    intercept('createQuickPick', (input, isOpen) => answered.push(put(input, isOpen))),
    intercept('createInputBox', (input, isOpen) => answered.push(put(input, isOpen))),
  ];
  try {
    await run();
    await Promise.all(answered);
  } finally {
    for (const undo of restore) undo();
  }
  assert.equal(asked.length, answers.length, `asked: ${JSON.stringify(asked)}`);
  return asked;
}

type Input = vscode.QuickPick<vscode.QuickPickItem> | vscode.InputBox;

function isList(input: Input): input is vscode.QuickPick<vscode.QuickPickItem> {
  return 'items' in input;
}

/** As soon as a list has what is to be chosen. */
async function look(input: Input, answer: Answer): Promise<Asked> {
  const { title, value } = input;
  if (!isList(input)) {
    const validation = messageOf(input.validationMessage);
    return { title, value, validation, labels: [] };
  }
  const isThere = () => (answer === leave ? input.items.length > 0 : choice(input, answer));
  const end = Date.now() + 30_000;
  while (!isThere() && Date.now() < end) await delay(drawnMs);
  const labels = input.items.map(({ label }) => label);
  return { title, value, validation: undefined, labels };
}

async function accept(input: Input, answer: string | RegExp, isOpen: () => boolean): Promise<void> {
  if (isList(input)) {
    const item = choice(input, answer);
    assert.ok(item, `no ${String(answer)} in ${input.items.map(({ label }) => label).join(', ')}`);
    input.activeItems = [item];
  } else {
    assert.ok(typeof answer === 'string');
    input.value = answer;
  }
  while (isOpen()) {
    await delay(drawnMs);
    await vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
  }
}

function choice(
  { items }: vscode.QuickPick<vscode.QuickPickItem>,
  answer: string | RegExp,
): vscode.QuickPickItem | undefined {
  return items.find(({ label }) =>
    typeof answer === 'string' ? label === answer : answer.test(label),
  );
}

function messageOf(validation: vscode.InputBox['validationMessage']): string | undefined {
  return typeof validation === 'object' ? validation.message : validation;
}

/** @returns puts back what was there before */
function intercept(
  method: 'createQuickPick' | 'createInputBox',
  onShow: (input: Input, isOpen: () => boolean) => void,
): () => void {
  const { window } = vscode;
  const original = Object.getOwnPropertyDescriptor(window, method);
  assert.ok(original);
  const create: () => Input = window[method];
  Object.defineProperty(window, method, {
    ...original,
    value: () => {
      const input = create();
      let isOpen = true;
      input.onDidHide(() => {
        isOpen = false;
      });
      const show = input.show.bind(input);
      const dispose = input.dispose.bind(input);
      input.show = () => {
        show();
        onShow(input, () => isOpen);
      };
      input.dispose = () => {
        isOpen = false;
        dispose();
      };
      return input;
    },
  });
  return () => {
    Object.defineProperty(window, method, original);
  };
}
