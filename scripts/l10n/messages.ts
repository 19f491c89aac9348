/** The texts that the sources of the extension and its views show, as translators get them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

/** Folders whose texts VS Code's user sees. */
const folders = ['src/extension', 'src/views'];

/**
 * The English texts of every `vscode.l10n.t(...)`, and of every `t(...)` that stands for it.
 * @throws if one is not written out: it could not be translated
 */
export function messagesIn(repository: string): string[] {
  const messages = new Set<string>();
  for (const folder of folders) {
    const path = join(repository, folder);
    for (const name of readdirSync(path, { recursive: true, encoding: 'utf8' })) {
      if (!name.endsWith('.ts')) continue;
      const text = readFileSync(join(path, name), 'utf8');
      const source = ts.createSourceFile(join(folder, name), text, ts.ScriptTarget.Latest, true);
      collect(source, messages);
    }
  }
  return [...messages].sort();
}

function collect(node: ts.Node, messages: Set<string>): void {
  if (ts.isCallExpression(node) && isTranslation(node.expression)) {
    const [message] = node.arguments;
    if (message !== undefined && ts.isStringLiteralLike(message)) messages.add(message.text);
    else if (!isPassedOn(message)) {
      const { fileName } = node.getSourceFile();
      throw new Error(`${fileName}: this text is not written out: ${node.getText()}`);
    }
  }
  ts.forEachChild(node, (child) => {
    collect(child, messages);
  });
}

function isTranslation(callee: ts.Expression): boolean {
  return ts.isPropertyAccessExpression(callee)
    ? callee.name.text === 't'
    : ts.isIdentifier(callee) && callee.text === 't';
}

/** `t: (message, ...args) => vscode.l10n.t(message, ...args)` only hands on what is written elsewhere. */
function isPassedOn(message: ts.Expression | undefined): boolean {
  return message !== undefined && ts.isIdentifier(message) && message.text === 'message';
}
