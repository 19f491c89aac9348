/** Messages of a trace as read-only documents. */
import * as vscode from 'vscode';

const scheme = 'sidestep-message';
const titleLength = 80;

export interface TraceDocument {
  readonly title: string;
  readonly language: 'json' | 'plaintext';
  readonly text: string;
}

export class TraceDocuments implements vscode.TextDocumentContentProvider, vscode.Disposable {
  readonly #texts = new Map<string, string>();
  readonly #registrations: vscode.Disposable;
  #count = 0;

  constructor() {
    this.#registrations = vscode.Disposable.from(
      vscode.workspace.registerTextDocumentContentProvider(scheme, this),
      vscode.workspace.onDidCloseTextDocument(({ uri }) => {
        if (uri.scheme === scheme) this.#texts.delete(uri.toString());
      }),
    );
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return (
      this.#texts.get(uri.toString()) ??
      vscode.l10n.t('This was a message of a trace: open it again from its timeline.')
    );
  }

  async show({ title, language, text }: TraceDocument): Promise<void> {
    const extension = language === 'json' ? 'json' : 'txt';
    const uri = vscode.Uri.from({
      scheme,
      path: `/${String(++this.#count)}/${asFileName(title)}.${extension}`,
    });
    this.#texts.set(uri.toString(), text);
    const document = await vscode.workspace.openTextDocument(uri);
    await vscode.window.showTextDocument(document, vscode.ViewColumn.Beside);
  }

  dispose(): void {
    this.#registrations.dispose();
    this.#texts.clear();
  }
}

function asFileName(title: string): string {
  return title.slice(0, titleLength).replace(/[^\p{L}\p{N} ._#-]/gu, '_');
}
