/** The timeline as VS Code's editor for `*.sidestep-trace` files of this machine. */
import * as vscode from 'vscode';
import type { Host } from '../../host/host';
import { TimelinePage, type PageServices } from './timeline-page';
import { localPlace } from './trace-place';

export const traceEditorViewType = 'sidestep.trace';

export class TraceEditorProvider implements vscode.CustomReadonlyEditorProvider, vscode.Disposable {
  #host: Host | undefined;

  constructor(
    /** Asked when the first trace is opened; what it gives is ours to dispose. */
    private readonly localHost: () => Host,
    private readonly services: PageServices,
  ) {}

  openCustomDocument(uri: vscode.Uri): vscode.CustomDocument {
    if (uri.scheme !== 'file') {
      throw new Error(
        vscode.l10n.t('A trace is read as it grows, from a file on disk: save a copy of this one.'),
      );
    }
    return { uri, dispose: () => undefined };
  }

  resolveCustomEditor({ uri }: vscode.CustomDocument, panel: vscode.WebviewPanel): void {
    this.#host ??= this.localHost();
    new TimelinePage(panel, localPlace(this.#host, uri.fsPath), this.services);
  }

  dispose(): void {
    void this.#host?.dispose();
  }
}
