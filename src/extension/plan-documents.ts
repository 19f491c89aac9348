/** Plans as read-only documents: the plan itself, and each of its two command lines. */
import { posix } from 'node:path';
import * as vscode from 'vscode';
import { describePlan, optionLines } from '../engine/plan/describe';
import type { Plan } from '../engine/plan/plan';

export const planScheme = 'sidestep-plan';

const views = {
  plan: describePlan,
  source: (plan: Plan) => lines(optionLines(plan.arguments.source)),
  target: (plan: Plan) => lines(optionLines(plan.arguments.target)),
};
type View = keyof typeof views;

export class PlanDocuments implements vscode.TextDocumentContentProvider, vscode.Disposable {
  /** By path without its ending, and query. Kept when closed, for "Reopen Closed Editor". */
  readonly #plans = new Map<string, Plan>();
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.#changed.event;

  /**
   * The document of a script's plan for a target emulator. If there is one already, it shows the
   * new plan from now on, and so do its command lines.
   */
  put(script: vscode.Uri, emulator: string, plan: Plan): vscode.Uri {
    const uri = vscode.Uri.from({
      scheme: planScheme,
      path: `${script.path}.plan`,
      query: emulator,
    });
    this.#plans.set(keyOf(uri), plan);
    for (const view of Object.keys(views)) this.#changed.fire(withView(uri, view));
    return uri;
  }

  /** The two command lines of a plan's document; undefined if it is none, or of an earlier VS Code. */
  commandLines(uri: vscode.Uri): Record<'source' | 'target', vscode.Uri> | undefined {
    if (uri.scheme !== planScheme || !this.#plans.has(keyOf(uri))) return undefined;
    return { source: withView(uri, 'source'), target: withView(uri, 'target') };
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    const plan = this.#plans.get(keyOf(uri));
    const view = posix.extname(uri.path).slice(1);
    return plan === undefined || !isView(view)
      ? vscode.l10n.t('This plan is gone: make it again from its launch script.')
      : views[view](plan);
  }

  dispose(): void {
    this.#changed.dispose();
  }
}

function keyOf(uri: vscode.Uri): string {
  return `${withoutView(uri)}?${uri.query}`;
}

function withView(uri: vscode.Uri, view: string): vscode.Uri {
  return uri.with({ path: `${withoutView(uri)}.${view}` });
}

function withoutView({ path }: vscode.Uri): string {
  return path.slice(0, path.length - posix.extname(path).length);
}

function isView(text: string): text is View {
  return Object.hasOwn(views, text);
}

function lines(all: readonly string[]): string {
  return all.map((line) => `${line}\n`).join('');
}
