/** What VS Code calls: puts each command in place. What a command needs is loaded at its first use. */
import * as vscode from 'vscode';
import { registerCommand } from './command';
import { LocalEngine } from './local-engine';
import { PlanDocuments, planScheme } from './plan-documents';

export function activate({ subscriptions }: vscode.ExtensionContext): void {
  const engine = new LocalEngine();
  const plans = new PlanDocuments();
  subscriptions.push(
    engine,
    plans,
    vscode.workspace.registerTextDocumentContentProvider(planScheme, plans),
    registerCommand('sidestep.planLaunchScript', async (document) => {
      const { planLaunchScript } = await import('./plan-launch-script');
      await planLaunchScript(document, engine, plans);
    }),
    registerCommand('sidestep.compareCommandLines', async (document) => {
      const { compareCommandLines } = await import('./compare-command-lines');
      await compareCommandLines(document, plans);
    }),
  );
}
