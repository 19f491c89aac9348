/** What is used of Playwright, which lies in the cache folder with VS Code and brings no types there. */

export interface Timeout {
  /** ms */
  readonly timeout?: number;
}

export interface ClickOptions extends Timeout {
  readonly button?: 'left' | 'right';
  readonly clickCount?: number;
  /** Waits until it could be clicked, and does not click. */
  readonly trial?: boolean;
  readonly position?: { readonly x: number; readonly y: number };
}

export interface LocatorOptions {
  readonly has?: Locator;
  readonly hasText?: string | RegExp;
  readonly hasNotText?: string | RegExp;
}

export interface RoleOptions {
  readonly name?: string | RegExp;
  readonly exact?: boolean;
}

interface Finds {
  locator(selector: string, options?: LocatorOptions): Locator;
  getByRole(role: string, options?: RoleOptions): Locator;
}

export interface Locator extends Finds {
  first(): Locator;
  last(): Locator;
  nth(index: number): Locator;
  filter(options: LocatorOptions): Locator;
  /** Those that match the other one too. */
  and(other: Locator): Locator;
  all(): Promise<Locator[]>;
  count(): Promise<number>;
  isVisible(): Promise<boolean>;
  click(options?: ClickOptions): Promise<void>;
  hover(options?: Timeout): Promise<void>;
  focus(options?: Timeout): Promise<void>;
  fill(text: string, options?: Timeout): Promise<void>;
  press(keys: string, options?: Timeout): Promise<void>;
  waitFor(
    options?: Timeout & { readonly state?: 'attached' | 'detached' | 'visible' | 'hidden' },
  ): Promise<void>;
  /** Fails if there is none within the time. */
  textContent(options?: Timeout): Promise<string | null>;
  innerText(options?: Timeout): Promise<string>;
  inputValue(options?: Timeout): Promise<string>;
  getAttribute(name: string, options?: Timeout): Promise<string | null>;
  allInnerTexts(): Promise<string[]>;
  boundingBox(): Promise<{ x: number; y: number; width: number; height: number } | null>;
  scrollIntoViewIfNeeded(options?: Timeout): Promise<void>;
}

export interface FrameLocator extends Finds {
  frameLocator(selector: string): FrameLocator;
}

export interface ConsoleMessage {
  type(): string;
  text(): string;
}

export interface Frame {
  url(): string;
  evaluate<T>(script: string): Promise<T>;
}

export interface Page extends Finds {
  readonly keyboard: {
    press(keys: string, options?: { readonly delay?: number }): Promise<void>;
    type(text: string): Promise<void>;
    insertText(text: string): Promise<void>;
  };
  readonly mouse: {
    move(x: number, y: number): Promise<void>;
    down(): Promise<void>;
    up(): Promise<void>;
    wheel(deltaX: number, deltaY: number): Promise<void>;
  };
  goto(url: string): Promise<unknown>;
  waitForEvent(event: 'load'): Promise<unknown>;
  frames(): Frame[];
  frameLocator(selector: string): FrameLocator;
  evaluate<T>(script: string): Promise<T>;
  exposeFunction(name: string, called: (...args: never[]) => void): Promise<void>;
  screenshot(options: { readonly path: string }): Promise<unknown>;
  on(event: 'crash' | 'close', told: () => void): void;
  on(event: 'console', told: (message: ConsoleMessage) => void): void;
  on(event: 'pageerror', told: (error: Error) => void): void;
  on(
    event: 'dialog',
    told: (dialog: { message(): string; dismiss(): Promise<void> }) => void,
  ): void;
}

export interface Browser {
  newPage(options: {
    readonly viewport: { readonly width: number; readonly height: number };
  }): Promise<Page>;
  close(): Promise<void>;
}
