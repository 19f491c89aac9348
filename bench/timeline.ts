/**
 * `npm run bench:timeline [-- --records N] [--write]`: how fast the timeline draws a long trace, in
 * the browser of the tests, which has no GPU. The page is the product's own, and is moved by wheel
 * events as a user moves it, one each frame. Nothing is asserted: a busy machine is no fault.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { pageHtml } from '../src/views/timeline-panel/page-html';
import { openBrowser } from '../test/vscode/client.mjs';
import type { Page } from '../test/vscode/playwright';
import { longTrace } from './long-trace';

interface Frames {
  /** ms from one frame to the next. */
  readonly intervals: readonly number[];
}

const { values } = parseArgs({
  options: {
    records: { type: 'string', default: '100000' },
    write: { type: 'boolean', default: false },
  },
});
const framesEach = 240;

/** In the page: what VS Code gives to a webview. */
const webview = `window.acquireVsCodeApi = () => ({ postMessage() {}, getState() {}, setState() {} });`;

/** In the page: moves the lanes by the wheel, once a frame, and tells how long each frame took. */
const moveLanes = (wheel: string) => `new Promise((resolve) => {
  const lanes = document.querySelector('.lanes');
  const { left, top, width } = lanes.getBoundingClientRect();
  const intervals = [];
  let before;
  const frame = (now) => {
    if (before !== undefined) intervals.push(now - before);
    before = now;
    if (intervals.length === ${framesEach}) return resolve({ intervals });
    const i = intervals.length;
    const options = ${wheel};
    lanes.dispatchEvent(new WheelEvent('wheel', {
      bubbles: true, cancelable: true, clientX: left + width * 0.6, clientY: top + 200, ...options,
    }));
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
})`;

/** In the page: from the message with the trace until it is drawn, in ms. */
const showTrace = `(async () => {
  const records = await (await fetch('/trace')).json();
  const begun = performance.now();
  window.postMessage({ type: 'snapshot', host: 'bench', path: 'bench', records });
  await new Promise((resolve) => setTimeout(resolve));
  await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  return performance.now() - begun;
})()`;

const moves = [
  { what: 'zoom in and out, from all of it', wheel: `{ deltaY: i % 120 < 60 ? -40 : 40 }` },
  { what: 'pan, a tenth of it in sight', wheel: `{ deltaX: i % 120 < 60 ? 40 : -40 }` },
];
const zoomToTenth = `for (let i = 0; i < 12; i++) document.querySelector('.lanes').dispatchEvent(
  new WheelEvent('wheel', { cancelable: true, clientX: 500, clientY: 300, deltaY: -96 }))`;

async function serve(): Promise<Server> {
  const html = pageHtml({
    script: '/timeline.js',
    style: '/timeline.css',
    cspSource: "'self'",
    language: 'en',
    start: { trace: { hostId: 'bench', path: 'bench' }, texts: {} },
  }).replace("default-src 'none'", "default-src 'none'; connect-src 'self'");
  const trace = JSON.stringify(longTrace(Number(values.records)));
  const files: Record<string, [type: string, content: string]> = {
    '/': ['text/html', html],
    '/timeline.js': ['text/javascript', webview + (await readFile('dist/timeline.js', 'utf8'))],
    '/timeline.css': ['text/css', await readFile('dist/timeline.css', 'utf8')],
    '/trace': ['application/json', trace],
  };
  const server = createServer(({ url = '/' }, response) => {
    const [type, content] = files[url] ?? ['text/plain', ''];
    response.setHeader('Content-Type', `${type}; charset=utf-8`);
    response.end(content);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

async function measure(page: Page): Promise<string[]> {
  const shownMs = await page.evaluate<number>(showTrace);
  const rows = [`| from the message to the picture | ${shownMs.toFixed(0)} ms | | |`];
  for (const { what, wheel } of moves) {
    const { intervals } = await page.evaluate<Frames>(moveLanes(wheel));
    rows.push(row(what, intervals));
    await page.evaluate(zoomToTenth);
  }
  return rows;
}

function row(what: string, intervals: readonly number[]): string {
  const sorted = [...intervals].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))] ?? NaN;
  const perSecond = (1000 * intervals.length) / intervals.reduce((sum, each) => sum + each, 0);
  const ms = (value: number) => `${value.toFixed(1)} ms`;
  return `| ${what} | ${perSecond.toFixed(0)} frames/s | ${ms(at(0.5))} | ${ms(at(0.95))} |`;
}

async function main(): Promise<void> {
  const server = await serve();
  const { page, close } = await openBrowser();
  try {
    page.on('pageerror', ({ message }) => {
      process.stderr.write(`The page failed: ${message}\n`);
      process.exitCode = 1;
    });
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    const report = [
      `| ${Number(values.records).toLocaleString('en')} records | | frame, median | 95 % within |`,
      '| --- | ---: | ---: | ---: |',
      ...(await measure(page)),
    ].join('\n');
    process.stdout.write(`${report}\n`);
    if (values.write) await write(report);
  } finally {
    await close();
    server.close();
  }
}

async function write(report: string): Promise<void> {
  const path = 'docs/benchmarks.md';
  const text = await readFile(path, 'utf8');
  const machine = `On ${cpus().length} cores, without a GPU.`;
  const marked = /(<!-- timeline -->)[^]*(<!-- end of timeline -->)/;
  await writeFile(path, text.replace(marked, `$1\n\n${machine}\n\n${report}\n\n$2`));
}

void main();
