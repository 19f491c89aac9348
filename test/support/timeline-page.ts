/**
 * The timeline's page in a Chromium of its own, under the frame and the policy that its host side
 * gives it. The test is the host side: it hears what the page says, and tells it what it likes.
 */
import { build } from 'esbuild';
import { createRequire } from 'node:module';
import { repository, vscode } from '../../scripts/setup/cache.mjs';
import { pageHtml } from '../../src/views/timeline-panel/page-html';
import type { FromPage, ToPage } from '../../src/views/timeline/protocol';

/** What is used of Playwright, which lies in the cache folder with VS Code. */
export interface Locator {
  click(options?: object): Promise<void>;
  fill(text: string): Promise<void>;
  focus(): Promise<void>;
  count(): Promise<number>;
  waitFor(options?: object): Promise<void>;
  hover(): Promise<void>;
  textContent(): Promise<string | null>;
  allTextContents(): Promise<string[]>;
  getAttribute(name: string): Promise<string | null>;
  boundingBox(): Promise<{ x: number; y: number; width: number; height: number } | null>;
  first(): Locator;
  nth(index: number): Locator;
  locator(selector: string): Locator;
}

export interface BrowserPage {
  readonly keyboard: { press(keys: string): Promise<void>; type(text: string): Promise<void> };
  readonly mouse: {
    move(x: number, y: number): Promise<void>;
    down(): Promise<void>;
    up(): Promise<void>;
    wheel(deltaX: number, deltaY: number): Promise<void>;
  };
  locator(selector: string, options?: object): Locator;
  /** `expression` is the page's: this project's tests know no DOM. */
  evaluate<T>(expression: string): Promise<T>;
  screenshot(options: { path: string }): Promise<unknown>;
  setViewportSize(size: { width: number; height: number }): Promise<void>;
}

interface DrivenPage extends BrowserPage {
  route(
    url: string,
    handler: (route: {
      fulfill(answer: { contentType: string; body: string }): Promise<void>;
    }) => unknown,
  ): Promise<void>;
  exposeFunction(name: string, called: (argument: never) => unknown): Promise<void>;
  addInitScript(script: string): Promise<void>;
  on(event: 'console', heard: (message: { type(): string; text(): string }) => void): void;
  on(event: 'pageerror', heard: (error: Error) => void): void;
  goto(url: string): Promise<unknown>;
  reload(): Promise<unknown>;
  close(): Promise<void>;
}

export interface Browser {
  newPage(options: object): Promise<DrivenPage>;
  close(): Promise<void>;
}

/** VS Code gives a page its colours as variables on `<html>`, and the kind of theme as a class. */
export interface PageTheme {
  readonly kind: 'vscode-dark' | 'vscode-light' | 'vscode-high-contrast';
  readonly variables: Readonly<Record<string, string>>;
}

export async function launchBrowser(): Promise<Browser> {
  const { chromium } = createRequire(import.meta.url)(vscode.playwright) as {
    chromium: { launch(options: object): Promise<Browser> };
  };
  return chromium.launch({
    executablePath: vscode.browser,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  });
}

const origin = 'http://timeline.test';

/** Bundled once, as the build does it. */
let parts: Promise<{ script: string; style: string }> | undefined;

async function buildPage(): Promise<{ script: string; style: string }> {
  const { outputFiles } = await build({
    absWorkingDir: repository,
    entryPoints: ['src/views/timeline/page.ts'],
    bundle: true,
    write: false,
    outdir: 'dist',
    format: 'esm',
    target: 'chrome122',
    mainFields: ['module', 'main'],
  });
  const textOf = (extension: string) =>
    outputFiles.find(({ path }) => path.endsWith(extension))?.text ?? '';
  return { script: textOf('.js'), style: textOf('.css') };
}

export class TimelinePage {
  /** What the page has said. */
  readonly heard: FromPage[] = [];
  /** Whatever it did that it should not: errors, and what its policy forbids. */
  readonly faults: string[] = [];
  #waiting: { matches: (message: FromPage) => boolean; told: (message: FromPage) => void }[] = [];

  private constructor(readonly page: DrivenPage) {}

  static async open(
    browser: Browser,
    {
      theme,
      size = { width: 1400, height: 860 },
    }: { theme?: PageTheme; size?: { width: number; height: number } } = {},
  ): Promise<TimelinePage> {
    const { script, style } = await (parts ??= buildPage());
    const page = await browser.newPage({ viewport: size });
    const timeline = new TimelinePage(page);
    const html = pageHtml({
      script: `${origin}/timeline.js`,
      style: `${origin}/timeline.css`,
      cspSource: origin,
      language: 'en',
      start: { trace: { hostId: 'local', path: '/traces/a.sidestep-trace' }, texts: {} },
    });
    const serve = (path: string, contentType: string, body: string) =>
      page.route(`${origin}${path}`, (route) => route.fulfill({ contentType, body }));
    await serve('/', 'text/html', html);
    await serve('/timeline.js', 'text/javascript', script);
    await serve('/timeline.css', 'text/css', style);
    page.on('console', (message) => {
      if (message.type() === 'error') timeline.faults.push(message.text());
    });
    page.on('pageerror', (error) => timeline.faults.push(String(error.stack)));
    await page.exposeFunction('hostSide', (message: FromPage) => {
      timeline.#hear(message);
    });
    await timeline.#prepare(theme);
    await page.goto(`${origin}/`);
    return timeline;
  }

  /** The first message of this type, whether it has come or not. */
  async hears<Type extends FromPage['type']>(
    type: Type,
  ): Promise<Extract<FromPage, { type: Type }>> {
    const matches = (message: FromPage): message is Extract<FromPage, { type: Type }> =>
      message.type === type;
    const [there] = this.heard.filter(matches);
    if (there !== undefined) return there;
    return new Promise((resolve) => {
      this.#waiting.push({
        matches,
        told: (message) => {
          if (matches(message)) resolve(message);
        },
      });
    });
  }

  /** Resolves once the page has heard it, and drawn what came of it. */
  async tell(message: ToPage): Promise<void> {
    await this.hears('ready');
    // Heard after the page's own listener has, which has asked for its frame by then.
    await this.page.evaluate(`new Promise((resolve) => {
      addEventListener('message', () => requestAnimationFrame(resolve), { once: true });
      postMessage(${JSON.stringify(message)}, '*');
    })`);
  }

  /** Resolves once the page has this size, and has drawn itself in it. */
  async resize(width: number, height: number): Promise<void> {
    await this.page.setViewportSize({ width, height });
    await this.until(`innerWidth === ${width} && innerHeight === ${height}`);
    await this.drawn();
  }

  /** Two frames on: the page observes its sizes at the end of one. */
  async drawn(): Promise<void> {
    await this.page.evaluate(
      'new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))',
    );
  }

  /** Waits until an expression of the page's holds; what would wait by itself is against its policy. */
  async until(expression: string): Promise<void> {
    await this.page.evaluate(`new Promise((resolve) => {
      const look = () => ((${expression}) ? resolve() : requestAnimationFrame(look));
      look();
    })`);
  }

  async close(): Promise<void> {
    await this.page.close();
  }

  /** As VS Code does when its window is reloaded, or the panel hidden and shown. */
  async reload(): Promise<void> {
    this.heard.length = 0;
    await this.page.reload();
  }

  #hear(message: FromPage): void {
    if (message.type === 'page-error') this.faults.push(message.message);
    this.heard.push(message);
    const told = this.#waiting.filter(({ matches }) => matches(message));
    this.#waiting = this.#waiting.filter((each) => !told.includes(each));
    for (const each of told) each.told(message);
  }

  async #prepare(theme: PageTheme | undefined): Promise<void> {
    const { kind = 'vscode-dark', variables = {} } = theme ?? {};
    await this.page.addInitScript(`
      let state = JSON.parse(sessionStorage.getItem('state') ?? 'null') ?? undefined;
      globalThis.acquireVsCodeApi = () => ({
        postMessage: (message) => { hostSide(message); },
        getState: () => state,
        setState: (next) => {
          state = next;
          sessionStorage.setItem('state', JSON.stringify(next));
        },
      });
      // Behind the document, before its script.
      document.addEventListener('readystatechange', () => {
        if (document.readyState !== 'interactive') return;
        const { style } = document.documentElement;
        for (const [name, value] of Object.entries(${JSON.stringify(variables)}))
          style.setProperty(name, value);
        document.body.classList.add('${kind}');
        document.body.dataset.vscodeThemeKind = '${kind}';
      });
    `);
  }
}
