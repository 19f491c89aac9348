import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { printRecord } from '../../../src/engine/trace/file';
import type { TraceRecord } from '../../../src/engine/trace/record';
import type { Host } from '../../../src/host/host';
import { openLocalHost } from '../../../src/host/local';
import type { HostStatus, ViewedHost, ViewedHosts } from '../../../src/views/hosts';
import { TimelinePage, type SendAgain } from '../../../src/views/timeline-panel/timeline-page';
import { TraceDocuments } from '../../../src/views/timeline-panel/trace-documents';
import {
  localPlace,
  ViewedPlace,
  type TracePlace,
} from '../../../src/views/timeline-panel/trace-place';
import type { FromPage, ToPage } from '../../../src/views/timeline/protocol';
import { header, moved } from '../../views/timeline/traces';

/** A panel with a timeline, and what its two sides have said to each other. */
class OpenTimeline {
  readonly panel: vscode.WebviewPanel;
  readonly said: ToPage[] = [];
  readonly heard: FromPage[] = [];
  readonly sentAgain: SendAgain[] = [];
  readonly titles: string[] = [];
  readonly faults: string[] = [];
  readonly documents = new TraceDocuments();
  readonly #happened = new vscode.EventEmitter<void>();
  #speak: ((message: FromPage) => void) | undefined;

  constructor(place: TracePlace) {
    const extension = vscode.extensions.getExtension('sidestep.sidestep');
    assert.ok(extension);
    this.panel = vscode.window.createWebviewPanel('test', 'test', vscode.ViewColumn.One);
    const { webview } = this.panel;
    const listening: vscode.Webview = {
      cspSource: webview.cspSource,
      asWebviewUri: (uri) => webview.asWebviewUri(uri),
      postMessage: (message: ToPage) => this.#say(message),
      onDidReceiveMessage: (listener: (message: FromPage) => void) => {
        this.#speak = listener;
        return webview.onDidReceiveMessage((message: FromPage) => {
          this.heard.push(message);
          listener(message);
          this.#happened.fire();
        });
      },
      get options() {
        return webview.options;
      },
      set options(options) {
        webview.options = options;
      },
      get html() {
        return webview.html;
      },
      set html(html) {
        webview.html = html;
      },
    };
    const { panel } = this;
    const listenedTo = {
      webview: listening,
      get visible() {
        return panel.visible;
      },
      onDidChangeViewState: panel.onDidChangeViewState.bind(panel),
      onDidDispose: panel.onDidDispose.bind(panel),
    };
    const services = {
      extensionUri: extension.extensionUri,
      documents: this.documents,
      onSendAgain: (request: SendAgain) => {
        this.sentAgain.push(request);
      },
      log: {
        error: (message: string, error: unknown) => {
          this.faults.push(`${message}: ${String(error)}`);
        },
      },
    };
    new TimelinePage(listenedTo, place, services, ({ domain }) => this.titles.push(domain));
  }

  /** As if the page had said it. */
  speak(message: FromPage): void {
    this.#speak?.(message);
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      await new Promise<void>((resolve) => {
        const once = this.#happened.event(() => {
          once.dispose();
          resolve();
        });
      });
    }
  }

  get records(): TraceRecord[] {
    return this.said.flatMap((message) => ('records' in message ? message.records : []));
  }

  dispose(): void {
    this.panel.dispose();
    this.documents.dispose();
  }

  #say(message: ToPage): Thenable<boolean> {
    this.said.push(message);
    this.#happened.fire();
    return this.panel.webview.postMessage(message);
  }
}

describe('the timeline in VS Code', () => {
  let folder: string;
  let path: string;
  let host: Host;
  let timeline: OpenTimeline | undefined;
  const text = (records: readonly TraceRecord[]) => records.map(printRecord).join('');

  before(() => {
    host = openLocalHost();
  });

  after(() => host.dispose());

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'timeline-'));
    path = join(folder, 'alpha.sidestep-trace');
    writeFileSync(path, text(moved.slice(0, 20)));
  });

  afterEach(async () => {
    assert.deepEqual(timeline?.faults ?? [], []);
    timeline?.dispose();
    timeline = undefined;
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    rmSync(folder, { recursive: true });
  });

  it('is the editor of traces', async () => {
    await vscode.commands.executeCommand('vscode.open', vscode.Uri.file(path));
    const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
    assert.ok(input instanceof vscode.TabInputCustom);
    assert.equal(input.viewType, 'sidestep.trace');
  });

  it('opens once for each trace, and is called as the domain', async () => {
    const node = { kind: 'trace', id: 'x', hostId: 'local', path };
    const tabs = () => vscode.window.tabGroups.all.flatMap((group) => group.tabs);
    await vscode.commands.executeCommand('sidestep.openTrace', node);
    // The page has said that it is ready, and the trace was read for it.
    while (!tabs().some(({ label }) => label === 'alpha')) {
      await new Promise<void>((resolve) => {
        const changed = vscode.window.tabGroups.onDidChangeTabs(() => {
          changed.dispose();
          resolve();
        });
      });
    }
    await vscode.commands.executeCommand('sidestep.openTrace', node);
    assert.equal(tabs().filter(({ input }) => input instanceof vscode.TabInputWebview).length, 1);
  });

  it('has all of the trace when its page is ready, and each growth as it comes', async () => {
    const open = (timeline = new OpenTimeline(localPlace(host, path)));
    await open.until(() => open.records.length === 20);
    assert.deepEqual(open.heard, [{ type: 'ready' }]);
    assert.deepEqual(
      open.said.map(({ type }) => type),
      ['snapshot'],
    );
    appendFileSync(path, text(moved.slice(20)));
    await open.until(() => open.records.length === moved.length);
    assert.deepEqual(open.records, moved);
    assert.ok(open.said.slice(1).every(({ type }) => type === 'append'));
    assert.deepEqual(open.titles, ['alpha']);
  });

  it('has all of it again when it is shown after it was hidden', async () => {
    const open = (timeline = new OpenTimeline(localPlace(host, path)));
    await open.until(() => open.records.length === 20);
    const document = await vscode.workspace.openTextDocument({ content: '' });
    await vscode.window.showTextDocument(document, vscode.ViewColumn.One);
    appendFileSync(path, text(moved.slice(20)));
    open.panel.reveal();
    await open.until(() => open.records.length === 20 + moved.length);
    assert.deepEqual(open.said.at(-1), {
      type: 'snapshot',
      host: 'local',
      path,
      records: [...moved],
    });
  });

  it('does what its page asks for, and says when it could not', async () => {
    const open = (timeline = new OpenTimeline(localPlace(host, path)));
    await open.until(() => open.records.length === 20);
    open.speak({ type: 'copy', request: 1, text: '{"execute":"stop"}' });
    await open.until(() => open.said.length === 2);
    assert.deepEqual(open.said[1], { type: 'done', request: 1 });
    open.speak({ type: 'send-again', request: 2, command: '{"execute":"stop"}' });
    await open.until(() => open.said.length === 3);
    assert.ok(header.type === 'header');
    assert.deepEqual(open.sentAgain, [
      { hostId: 'local', uuid: header.uuid, domain: 'alpha', command: '{"execute":"stop"}' },
    ]);
    const title = '../../etc/<b>\u202E';
    open.speak({ type: 'open-document', request: 3, title, language: 'json', text: '{ }' });
    await open.until(() => open.said.length === 4);
    const document = vscode.window.activeTextEditor?.document;
    assert.equal(document?.getText(), '{ }');
    assert.equal(document.languageId, 'json');
    assert.equal(document.uri.path.split('/').length, 3);
  });

  it('of a host says why there is nothing to see, and follows once it is connected', async () => {
    const changed = new vscode.EventEmitter<void>();
    let status: HostStatus = { state: 'disconnected' };
    const viewed: ViewedHost = {
      id: 'dev',
      label: 'devhost',
      destination: 'me@devhost:22',
      get status() {
        return status;
      },
      onDidChangeStatus: changed.event,
    };
    const hosts: ViewedHosts = {
      all: [viewed],
      onDidChange: new vscode.EventEmitter<void>().event,
      find: (id) => (id === 'dev' ? viewed : undefined),
    };
    const become = (next: HostStatus) => {
      status = next;
      changed.fire();
    };
    const open = (timeline = new OpenTimeline(new ViewedPlace(hosts, 'dev', path)));
    await open.until(() => open.said.length === 1);
    const problem = (message: ToPage | undefined) =>
      message?.type === 'problem' ? message.message : undefined;
    assert.equal(problem(open.said[0]), 'devhost is not connected.');
    become({ state: 'failed', error: new Error('No route to host.') });
    assert.equal(problem(open.said[1]), 'devhost cannot be connected: No route to host.');
    // Nothing else of the engine is used.
    const engine: unknown = { host };
    const connected = { state: 'connected', engine } as HostStatus;
    become(connected);
    await open.until(() => open.said.length === 3);
    assert.deepEqual(open.said[2], {
      type: 'snapshot',
      host: 'devhost',
      path,
      records: moved.slice(0, 20),
    });
    become({ state: 'reconnecting', attempt: 1, error: new Error('Gone.') });
    assert.equal(problem(open.said[3]), 'The connection to devhost was lost: Gone.');
    appendFileSync(path, text(moved.slice(20)));
    become(connected);
    await open.until(() => open.said.length === 5);
    assert.deepEqual(open.records.slice(20), moved);
  });

  it('says so when a file is no trace', async () => {
    writeFileSync(path, 'hello\n');
    const open = (timeline = new OpenTimeline(localPlace(host, path)));
    await open.until(() => open.said.length === 1);
    const [said] = open.said;
    assert.ok(said?.type === 'problem');
    assert.match(said.message, /is not a Sidestep trace/);
  });
});
