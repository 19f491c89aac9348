/** Questions asked one after the other, with numbers and a way back. */
import * as vscode from 'vscode';

/** The user wants the question before. */
export const back = Symbol('back');
/** Undefined: the user has left it. */
export type Answer<Value> = Value | typeof back | undefined;

/** Where among the others a question stands. */
export interface Place {
  readonly title: string;
  readonly step: number;
  readonly totalSteps: number;
}

export interface Step<State> {
  /** Whether it is asked at all, after what was answered before; yes if not given. */
  readonly applies?: (state: State) => boolean;
  /** @returns the state with the answer in it */
  readonly ask: (state: State, place: Place) => Promise<Answer<State>>;
}

/** @returns the last state; undefined if the user has left it */
export async function askInSteps<State>(
  title: string,
  first: State,
  steps: readonly Step<State>[],
): Promise<State | undefined> {
  /** The state before each question that was answered, and which it was. */
  const answered: { readonly index: number; readonly state: State }[] = [];
  let state = first;
  for (let index = 0; index < steps.length;) {
    const applying = steps.filter((step) => applies(step, state));
    const step = steps[index];
    if (step === undefined || !applying.includes(step)) {
      index++;
      continue;
    }
    const place = { title, step: answered.length + 1, totalSteps: applying.length };
    const answer = await step.ask(state, place);
    if (answer === undefined) return undefined;
    if (answer === back) {
      const before = answered.pop();
      if (before === undefined) return undefined;
      ({ index, state } = before);
      continue;
    }
    answered.push({ index, state });
    state = answer;
    index++;
  }
  return state;
}

function applies<State>(step: Step<State>, state: State): boolean {
  return step.applies?.(state) ?? true;
}

export interface PickOptions<Item extends vscode.QuickPickItem> {
  readonly place: Place;
  readonly placeholder: string;
  /** May take its time; aborted when the user leaves. A failure is the question's. */
  readonly items: (signal: AbortSignal) => Promise<readonly Item[]> | readonly Item[];
  /** Whether an item that is chosen is the answer; all are if not given. */
  readonly accepts?: (item: Item) => boolean;
  /** The item that is chosen by a mere Enter; the first if not given. */
  readonly isPreferred?: (item: Item) => boolean;
}

/** Asks for one of several items. */
export function pick<Item extends vscode.QuickPickItem>({
  place,
  placeholder,
  items,
  accepts = () => true,
  isPreferred,
}: PickOptions<Item>): Promise<Answer<Item>> {
  const input = vscode.window.createQuickPick<Item>();
  input.placeholder = placeholder;
  input.matchOnDescription = true;
  input.matchOnDetail = true;
  return ask(input, place, async (done, signal) => {
    input.onDidAccept(() => {
      const [item] = input.selectedItems;
      if (item !== undefined && accepts(item)) done(item);
    });
    input.busy = true;
    const found = await items(signal);
    if (signal.aborted) return;
    input.busy = false;
    input.items = found;
    const preferred = isPreferred && found.find(isPreferred);
    if (preferred !== undefined) input.activeItems = [preferred];
  });
}

export interface TextOptions {
  readonly place: Place;
  readonly prompt: string;
  readonly value?: string | undefined;
  readonly placeholder?: string;
  readonly password?: boolean;
  /** What is wrong with it; undefined if nothing is. */
  readonly problem?: (text: string) => string | undefined;
}

/** Asks for a line of text. */
export function askText({
  place,
  prompt,
  value = '',
  placeholder,
  password = false,
  problem = () => undefined,
}: TextOptions): Promise<Answer<string>> {
  const input = vscode.window.createInputBox();
  input.prompt = prompt;
  input.value = value;
  input.placeholder = placeholder;
  input.password = password;
  return ask(input, place, (done) => {
    const check = () => {
      input.validationMessage = problem(input.value);
      return input.validationMessage === undefined;
    };
    input.onDidChangeValue(check);
    input.onDidAccept(() => {
      if (check()) done(input.value);
    });
  });
}

/** Shows an input until it has its answer, the user leaves it or wants to go back. */
async function ask<Value>(
  input: vscode.QuickPick<vscode.QuickPickItem> | vscode.InputBox,
  { title, step, totalSteps }: Place,
  use: (done: (value: Value) => void, signal: AbortSignal) => void | Promise<void>,
): Promise<Answer<Value>> {
  const abort = new AbortController();
  input.title = title;
  if (totalSteps > 1) {
    input.step = step;
    input.totalSteps = totalSteps;
  }
  if (step > 1) input.buttons = [vscode.QuickInputButtons.Back];
  // A path is looked up in another window, and the answers so far are not lost.
  input.ignoreFocusOut = true;
  try {
    return await new Promise((resolve, reject) => {
      input.onDidHide(() => {
        resolve(undefined);
      });
      input.onDidTriggerButton(() => {
        resolve(back);
      });
      input.show();
      Promise.resolve(use(resolve, abort.signal)).catch(reject);
    });
  } finally {
    abort.abort();
    input.dispose();
  }
}
