/** What the webview runs: puts the parts of the timeline in place, and keeps what the user has set. */
import './timeline.css';
import * as v from 'valibot';
import { Detail } from './detail/detail';
import { Header } from './header/header';
import { t, useTexts } from './l10n';
import { Lanes } from './lanes/lanes';
import { splitter, type SplitterOptions } from './layout/splitter';
import { UiState, usualUi } from './layout/ui-state';
import { LiveClock } from './live-clock';
import { HostLink, type PageRequest, type Told } from './messages/host-link';
import { Notices } from './messages/notices';
import './messages/vscode-api';
import { PageStartSchema } from './protocol';
import { RamChart } from './ram-chart/ram-chart';
import { Store } from './store';
import { registerToolkit } from './toolkit/toolkit';
import { Traffic } from './traffic/traffic';

/** What the user has set is kept at most this often: a drag, and a live trace, change it all the time. */
const saveEveryMs = 200;

const MemorySchema = v.object({ store: v.unknown(), ui: v.unknown() });

const { trace, texts } = v.parse(PageStartSchema, JSON.parse(document.body.dataset['start'] ?? ''));
useTexts(texts);
registerToolkit();

const vscode = acquireVsCodeApi();
const memory = v.safeParse(MemorySchema, vscode.getState());
const store = new Store();
if (memory.success) store.fromPersisted(memory.output.store);
const ui = new UiState(memory.success ? memory.output.ui : undefined);

const notices = new Notices();
const link = new HostLink((message) => {
  vscode.postMessage(message);
}, hear);

draw();
keepMemory();
addEventListener('message', ({ data }: MessageEvent<unknown>) => {
  link.hear(data);
});
addEventListener('error', ({ message, error }) => {
  link.tellError(error instanceof Error ? (error.stack ?? message) : message);
});
addEventListener('unhandledrejection', ({ reason }) => {
  link.tellError(reason instanceof Error ? (reason.stack ?? reason.message) : String(reason));
});
link.ready();

function hear(told: Told): void {
  switch (told.type) {
    case 'snapshot':
      notices.clearProblem();
      store.snapshot(told.records);
      break;
    case 'append':
      store.append(told.records);
      break;
    case 'problem':
      notices.showProblem(told.message, told.hint);
      break;
  }
}

function ask(request: PageRequest): void {
  link.ask(request).catch((error: unknown) => {
    notices.showFailure(error instanceof Error ? error.message : String(error));
  });
}

function draw(): void {
  const page = document.createElement('div');
  page.className = 'page';
  const main = document.createElement('main');
  const drawing = pane('drawing');
  const lanes = pane('lanes-pane');
  const chart = pane('chart-pane');
  const beside = pane('beside');

  const detail = new Detail(store, ask);
  const traffic = new Traffic(store, ui, () => {
    detail.focus();
  });
  detail.element.addEventListener('keydown', ({ key }) => {
    if (key === 'Escape') traffic.focus();
  });
  document.addEventListener('keydown', (event) => {
    if (!event.ctrlKey && !event.metaKey) return;
    const key = event.key.toLowerCase();
    if (key === 'f') traffic.focusFilter();
    // What is marked with the mouse is copied by the browser.
    else if (key === 'c' && getSelection()?.isCollapsed !== false && isList()) detail.copy();
    else return;
    event.preventDefault();
  });
  splitter(drawing, lanes, chart, sizeOf('drawingShare', t('Size of the lanes')));
  splitter(beside, traffic.element, detail.element, sizeOf('listShare', t('Size of the list')));
  splitter(main, drawing, beside, sizeOf('lanesShare', t('Size of the timeline')));
  new Header(page, store);
  page.append(notices.problem, main);
  document.body.append(page, notices.failure);
  // What is drawn asks for its size.
  new Lanes(lanes, store);
  new RamChart(chart, store);
  new LiveClock(store);
}

/** A splitter's place, as the user has set it. */
function sizeOf(part: 'drawingShare' | 'listShare' | 'lanesShare', label: string): SplitterOptions {
  return {
    label,
    shares: ui.state[part],
    usual: usualUi[part],
    onMove: (shares) => {
      ui.update({ [part]: shares });
    },
  };
}

function isList(): boolean {
  return document.activeElement?.role === 'listbox';
}

function pane(name: string): HTMLElement {
  const element = document.createElement('div');
  element.className = name;
  return element;
}

function keepMemory(): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const save = () => {
    clearTimeout(timer);
    timer = undefined;
    vscode.setState({ trace, store: store.toPersisted(), ui: ui.state });
  };
  const saveSoon = () => {
    timer ??= setTimeout(save, saveEveryMs);
  };
  // At once, so that the panel can be restored also if nothing is ever changed.
  vscode.setState({ ...(memory.success ? memory.output : {}), trace });
  store.subscribe(saveSoon);
  ui.subscribe(saveSoon);
  // Whoever is about to hide the page or to reload the window leaves the page first.
  addEventListener('blur', () => {
    if (timer !== undefined) save();
  });
}
