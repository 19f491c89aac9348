/** The timelines that are open as panels of their own, one for each trace. */
import * as vscode from 'vscode';
import * as v from 'valibot';
import type { ViewedHosts } from '../hosts';
import { visibleText } from '../timeline/visible-text';
import type { PageServices } from './timeline-page';
import { ViewedPlace } from './trace-place';

export const timelineViewType = 'sidestep.timeline';

const titleLength = 60;

/** What the page keeps in its state that is ours: which trace it shows. */
const StateSchema = v.object({ trace: v.object({ hostId: v.string(), path: v.string() }) });

export class TimelinePanels implements vscode.WebviewPanelSerializer, vscode.Disposable {
  readonly #panels = new Map<string, vscode.WebviewPanel>();
  readonly #serializer = vscode.window.registerWebviewPanelSerializer(timelineViewType, this);

  constructor(
    private readonly hosts: ViewedHosts,
    private readonly services: PageServices,
  ) {}

  /** Shows the timeline of a trace on a host, whether that is connected now or not. */
  open(hostId: string, path: string, title: string): void {
    const open = this.#panels.get(keyOf(hostId, path));
    if (open !== undefined) {
      open.reveal();
      return;
    }
    const panel = vscode.window.createWebviewPanel(
      timelineViewType,
      asTitle(title),
      vscode.ViewColumn.Active,
    );
    void this.#fill(panel, hostId, path);
  }

  async deserializeWebviewPanel(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    const { success, output } = v.safeParse(StateSchema, state);
    // Nothing says which trace this was: nobody misses it.
    if (!success) panel.dispose();
    else await this.#fill(panel, output.trace.hostId, output.trace.path);
  }

  dispose(): void {
    this.#serializer.dispose();
    for (const panel of this.#panels.values()) panel.dispose();
  }

  async #fill(panel: vscode.WebviewPanel, hostId: string, path: string): Promise<void> {
    const key = keyOf(hostId, path);
    this.#panels.set(key, panel);
    panel.onDidDispose(() => {
      if (this.#panels.get(key) === panel) this.#panels.delete(key);
    });
    panel.iconPath = vscode.Uri.joinPath(this.services.extensionUri, 'media', 'icon.svg');
    // What reads traces is loaded when there is one to be read.
    const { TimelinePage } = await import('./timeline-page');
    new TimelinePage(panel, new ViewedPlace(this.hosts, hostId, path), this.services, (header) => {
      panel.title = asTitle(header.domain);
    });
  }
}

function keyOf(hostId: string, path: string): string {
  return JSON.stringify([hostId, path]);
}

/** Of a name of others: one that deceives nobody, and leaves room for other tabs. */
function asTitle(name: string): string {
  const shown = visibleText(name.slice(0, titleLength)).replace(/\s+/g, ' ');
  return name.length > titleLength ? `${shown}…` : shown;
}
