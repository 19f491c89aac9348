/**
 * The page's words in the user's language. The page has no `vscode.l10n`; its host side hands it the
 * bundle, which is keyed as VS Code keys it: by the English text.
 */
let texts: Readonly<Record<string, string>> = {};

/** Once, before anything is drawn. */
export function useTexts(bundle: Readonly<Record<string, string>>): void {
  texts = bundle;
}

/** Like `vscode.l10n.t`: `{0}`, `{1}` ... stand for the arguments. Not for use before `useTexts`. */
export function t(message: string, ...args: readonly (string | number)[]): string {
  return (texts[message] ?? message).replace(/\{(\d+)\}/g, (placeholder, index: string) =>
    String(args[Number(index)] ?? placeholder),
  );
}
