/** Waits of the suites, with an end. */
import * as vscode from 'vscode';

/**
 * @param limitMs by default what libvirt may take for anything
 * @throws Error with the message if it is not so in time
 */
export async function within<T>(
  isSo: Promise<T>,
  message: () => string,
  limitMs = 30_000,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(message()));
    }, limitMs);
  });
  return Promise.race([isSo, late]).finally(() => {
    clearTimeout(timer);
  });
}

/** Resolves when it comes the next time. */
export function next<T>(event: vscode.Event<T>): Promise<T> {
  return new Promise((resolve) => {
    const listener = event((told) => {
      listener.dispose();
      resolve(told);
    });
  });
}

/** Resolves when a tab with such a webview is in front. */
export function onceShown(viewType: string): Promise<void> {
  return new Promise((resolve) => {
    const listener = vscode.window.tabGroups.onDidChangeTabs(({ opened }) => {
      const isIt = opened.some(
        ({ input }) => input instanceof vscode.TabInputWebview && input.viewType.endsWith(viewType),
      );
      if (!isIt) return;
      listener.dispose();
      resolve();
    });
  });
}
