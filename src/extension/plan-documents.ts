/** Plans as read-only documents: the plan itself, and each of its two command lines. */
import { posix } from 'node:path';
import * as vscode from 'vscode';
import type { Plan } from '../engine/plan/plan';

export const planScheme = 'sidestep-plan';

const views = ['plan', 'source', 'target'] as const;
type View = (typeof views)[number];

export class PlanDocuments implements vscode.TextDocumentContentProvider, vscode.Disposable {
  /** By path without its ending, and query. Kept when closed, for "Reopen Closed Editor". */
  readonly #plans = new Map<string, Plan>();
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.#changed.event;

  /**
   * The document of a plan. If there is one already, it shows the new plan from now on, and so do
   * its command lines.
   * @param path of the launch script, or one that ends in the domain's name
   * @param what tells it from others of that path: the emulator, the domain
   */
  put(path: string, what: string, plan: Plan): vscode.Uri {
    const uri = vscode.Uri.from({ scheme: planScheme, path: `${path}.plan`, query: what });
    this.#plans.set(keyOf(uri), plan);
    for (const view of views) this.#changed.fire(withView(uri, view));
    return uri;
  }

  /** The two command lines of a plan's document; undefined if it is none, or of an earlier VS Code. */
  commandLines(uri: vscode.Uri): Record<'source' | 'target', vscode.Uri> | undefined {
    if (uri.scheme !== planScheme || !this.#plans.has(keyOf(uri))) return undefined;
    return { source: withView(uri, 'source'), target: withView(uri, 'target') };
  }

  async provideTextDocumentContent(uri: vscode.Uri): Promise<string> {
    const plan = this.#plans.get(keyOf(uri));
    const view = posix.extname(uri.path).slice(1);
    return plan === undefined || !isView(view)
      ? vscode.l10n.t('This plan is gone: make it again from its launch script or domain.')
      : textOf(plan, view);
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
  return (views as readonly string[]).includes(text);
}

async function textOf(plan: Plan, view: View): Promise<string> {
  const { describePlan, optionLines } = await import('../engine/plan/describe');
  return view === 'plan' ? describePlan(plan) : lines(optionLines(plan.arguments[view]));
}

function lines(all: readonly string[]): string {
  return all.map((line) => `${line}\n`).join('');
}
