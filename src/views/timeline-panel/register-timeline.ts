/** Puts the timeline in place: its panels, and the editor for traces. */
import * as vscode from 'vscode';
import type { Disposable, Host } from '../../host/host';
import type { ViewedHosts } from '../hosts';
import { TimelinePanels } from './timeline-panels';
import type { PageServices, SendAgain } from './timeline-page';
import { TraceDocuments } from './trace-documents';
import { TraceEditorProvider, traceEditorViewType } from './trace-editor';

export type { SendAgain };

export interface TimelineOptions extends Omit<PageServices, 'documents'> {
  readonly hosts: ViewedHosts;
  /** The machine that the extension runs on; asked once, when a trace is first opened from its disk. */
  readonly localHost: () => Promise<Host>;
}

export interface Timelines extends Disposable {
  /** Shows the timeline of a trace on a host; `title` until the trace has told its domain. */
  open(hostId: string, path: string, title: string): void;
}

export function registerTimeline({ hosts, localHost, ...others }: TimelineOptions): Timelines {
  const documents = new TraceDocuments();
  const services: PageServices = { ...others, documents };
  const panels = new TimelinePanels(hosts, services);
  const editor = new TraceEditorProvider(localHost, services);
  const all = vscode.Disposable.from(
    documents,
    panels,
    editor,
    vscode.window.registerCustomEditorProvider(traceEditorViewType, editor, {
      supportsMultipleEditorsPerDocument: true,
    }),
  );
  return {
    open(hostId, path, title) {
      panels.open(hostId, path, title);
    },
    dispose() {
      all.dispose();
    },
  };
}
