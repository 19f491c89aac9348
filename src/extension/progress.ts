import * as vscode from 'vscode';

/**
 * Runs a task under a notification with a button that cancels it.
 * @returns undefined if the user has cancelled it
 */
export async function withCancellableProgress<Result>(
  title: string,
  task: (signal: AbortSignal) => Promise<Result>,
): Promise<Result | undefined> {
  const location = vscode.ProgressLocation.Notification;
  return vscode.window.withProgress({ location, title, cancellable: true }, async (_, token) => {
    const abort = new AbortController();
    const listener = token.onCancellationRequested(() => {
      abort.abort();
    });
    try {
      return await task(abort.signal);
    } catch (error) {
      if (token.isCancellationRequested) return undefined;
      throw error;
    } finally {
      listener.dispose();
    }
  });
}

/** Runs a task that is over soon, and cannot be cancelled: if it takes longer, the status bar says so. */
export function withStatusProgress<Result>(
  title: string,
  task: () => Promise<Result>,
): Thenable<Result> {
  return vscode.window.withProgress({ location: vscode.ProgressLocation.Window, title }, task);
}
