/** The timeline as VS Code's editor for `*.sidestep-trace` files of this machine. */
import * as vscode from 'vscode';
import type { Host } from '../../host/host';
import type { PageServices } from './timeline-page';
import { localPlace } from './trace-place';

export const traceEditorViewType = 'sidestep.trace';

export class TraceEditorProvider implements vscode.CustomReadonlyEditorProvider, vscode.Disposable {
  #host: Promise<Host> | undefined;

  constructor(
    /** Asked when the first trace is opened; what it gives is ours to dispose. */
    private readonly localHost: () => Promise<Host>,
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

  async resolveCustomEditor(
    { uri }: vscode.CustomDocument,
    panel: vscode.WebviewPanel,
  ): Promise<void> {
    this.#host ??= this.localHost();
    const [{ TimelinePage }, host] = await Promise.all([import('./timeline-page'), this.#host]);
    new TimelinePage(panel, localPlace(host, uri.fsPath), this.services);
  }

  dispose(): void {
    void this.#host?.then((host) => host.dispose());
  }
}
