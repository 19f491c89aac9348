/** A webview that shows a trace: what is said between its page and us. */
import * as vscode from 'vscode';
import * as v from 'valibot';
import { asSidestepError } from '../../engine/errors';
import type { TraceRecord } from '../../engine/trace/record';
import { FromPageSchema, type FromPage, type ToPage } from '../timeline/protocol';
import { pageHtml } from './page-html';
import type { TraceDocuments } from './trace-documents';
import { TraceFeed } from './trace-feed';
import { isProblem, type TracePlace } from './trace-place';

type Header = Extract<TraceRecord, { type: 'header' }>;
type Request = Extract<FromPage, { request: number }>;

/** A QMP command that the user wants to send once more. */
export interface SendAgain {
  readonly hostId: string;
  /** The trace's domain. */
  readonly uuid: string;
  readonly domain: string;
  /** The line for the console. */
  readonly command: string;
}

export interface PageServices {
  readonly extensionUri: vscode.Uri;
  readonly documents: TraceDocuments;
  readonly onSendAgain: (request: SendAgain) => PromiseLike<void> | void;
  readonly log: { error(message: string, error: unknown): void };
}

/** What a page needs of its panel, or of its editor. */
export type PagePanel = Pick<
  vscode.WebviewPanel,
  'webview' | 'visible' | 'onDidChangeViewState' | 'onDidDispose'
>;

export class TimelinePage implements vscode.Disposable {
  readonly #panel: PagePanel;
  readonly #place: TracePlace;
  readonly #services: PageServices;
  readonly #subscriptions: vscode.Disposable;
  #feed: TraceFeed | undefined;
  /** The page listens: it said so, and was not hidden since. */
  #isReady = false;
  #header: Header | undefined;

  /** @param onHeader told the trace's header, each time the trace is read from its start */
  constructor(
    panel: PagePanel,
    place: TracePlace,
    services: PageServices,
    private readonly onHeader: (header: Header) => void = () => undefined,
  ) {
    this.#panel = panel;
    this.#place = place;
    this.#services = services;
    const { webview } = panel;
    this.#subscriptions = vscode.Disposable.from(
      place,
      place.onDidChange(() => {
        this.#follow();
      }),
      webview.onDidReceiveMessage((message) => {
        void this.#hear(message);
      }),
      panel.onDidChangeViewState(() => {
        if (!panel.visible) this.#rest();
      }),
      panel.onDidDispose(() => {
        this.dispose();
      }),
    );
    const dist = vscode.Uri.joinPath(services.extensionUri, 'dist');
    const address = (name: string) =>
      webview.asWebviewUri(vscode.Uri.joinPath(dist, name)).toString();
    webview.options = { enableScripts: true, localResourceRoots: [dist] };
    webview.html = pageHtml({
      script: address('timeline.js'),
      style: address('timeline.css'),
      cspSource: webview.cspSource,
      language: vscode.env.language,
      start: {
        trace: { hostId: place.hostId, path: place.path },
        texts: vscode.l10n.bundle ?? {},
      },
    });
  }

  dispose(): void {
    this.#rest();
    this.#subscriptions.dispose();
  }

  /** The page is gone while it is hidden; it says that it is ready when it is shown again. */
  #rest(): void {
    this.#isReady = false;
    this.#feed?.dispose();
    this.#feed = undefined;
  }

  /** A page has forgotten what it knew, and a host may be another one: each has the trace anew. */
  #follow(): void {
    if (!this.#isReady) return;
    this.#feed?.dispose();
    this.#feed = undefined;
    const { host, hostLabel, path } = this.#place;
    if (isProblem(host)) {
      this.#say({ type: 'problem', message: host.message, hint: host.hint });
      return;
    }
    this.#feed = new TraceFeed(host, path, {
      hear: (records, fromStart) => {
        const [first] = records;
        if (fromStart && first?.type === 'header') {
          this.#header = first;
          this.onHeader(first);
        }
        return this.#say(
          fromStart
            ? { type: 'snapshot', host: hostLabel, path, records: [...records] }
            : { type: 'append', records: [...records] },
        );
      },
      hearProblem: ({ message, details: { hint } }) => {
        this.#say({ type: 'problem', message, hint });
      },
    });
  }

  async #hear(message: unknown): Promise<void> {
    const { success, output } = v.safeParse(FromPageSchema, message);
    if (!success) {
      this.#services.log.error('The timeline was told what it does not know', message);
    } else if (output.type === 'ready') {
      this.#isReady = true;
      this.#follow();
    } else if (output.type === 'page-error') {
      this.#services.log.error('The timeline has failed', output.message);
    } else {
      await this.#answer(output);
    }
  }

  async #answer(message: Request): Promise<void> {
    const { request } = message;
    try {
      await this.#do(message);
      this.#say({ type: 'done', request });
    } catch (error) {
      this.#services.log.error(`The timeline's request failed: ${message.type}`, error);
      this.#say({ type: 'failed', request, message: asSidestepError(error).message });
    }
  }

  async #do(message: Request): Promise<void> {
    switch (message.type) {
      case 'open-document':
        return this.#services.documents.show(message);
      case 'copy':
        return vscode.env.clipboard.writeText(message.text);
      case 'send-again': {
        if (this.#header === undefined) return;
        const { uuid, domain } = this.#header;
        const { hostId } = this.#place;
        return this.#services.onSendAgain({ hostId, uuid, domain, command: message.command });
      }
    }
  }

  #say(message: ToPage): PromiseLike<unknown> {
    return this.#panel.webview.postMessage(message);
  }
}
