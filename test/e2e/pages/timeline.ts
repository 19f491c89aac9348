import assert from 'node:assert/strict';
import type { FrameLocator, Locator, Page } from '../../vscode/playwright';

/** The timeline in the active editor: a page of its own, in a frame within a frame. */
export class Timeline {
  readonly #frame: FrameLocator;

  constructor(private readonly page: Page) {
    this.#frame = page.frameLocator('.webview.ready:visible').frameLocator('#active-frame');
  }

  get header(): Locator {
    return this.#frame.locator('.header');
  }

  /** Why a migration failed: what stands first. */
  get cause(): Locator {
    return this.#frame.locator('.header-cause');
  }

  get lanes(): Locator {
    return this.#frame.locator('.lanes');
  }

  get list(): Locator {
    return this.#frame.locator('.traffic [role=listbox]');
  }

  get detail(): Locator {
    return this.#frame.locator('.detail');
  }

  /** A row by the name of its command, event or step. */
  row(name: string): Locator {
    return this.#frame.locator(`.traffic-row:has(.name:text-is("${name}"))`).first();
  }

  get selectedRow(): Locator {
    return this.#frame.locator('.traffic-row[aria-selected=true]');
  }

  get filter(): Locator {
    return this.#frame.locator('.filter-text input');
  }

  get tooltip(): Locator {
    return this.#frame.locator('.lanes-tooltip');
  }

  countOf(selector: string): Promise<number> {
    return this.#frame.locator(selector).count();
  }

  button(name: string): Locator {
    return this.#frame.getByRole('button', { name });
  }

  /** Resolves once the page has been told of a theme of this kind. */
  async waitForTheme(kind: string): Promise<void> {
    await this.#frame.locator(`body.vscode-${kind}`).waitFor();
  }

  async search(text: string): Promise<void> {
    const before = await this.#count.innerText();
    await this.filter.fill(text);
    await this.#count.filter({ hasNotText: before }).waitFor();
  }

  async scrollToStart(): Promise<void> {
    await this.list.press('Home');
  }

  /** How many records there are so far. */
  async count(): Promise<number> {
    return Number(/of ([\d.,\s]+)/.exec(await this.#count.innerText())?.[1]?.replaceAll(/\D/g, ''));
  }

  /** Resolves once there are more records than so many. */
  async waitUntilMoreThan(count: number): Promise<void> {
    await this.#count.filter({ hasNotText: new RegExp(`of ${count}$`) }).waitFor();
  }

  /** Presses Tab until what is called that has the focus. */
  async tabTo(name: string): Promise<void> {
    const focused = this.#frame.locator(`[aria-label="${name}"]:focus`);
    for (let presses = 0; presses < 40; presses++) {
      await this.page.keyboard.press('Tab');
      if ((await focused.count()) > 0) return;
    }
    assert.fail(`Tab does not lead to ${name}`);
  }

  /** What is drawn along the middle of the lanes, from top to bottom, as the pointer is told. */
  async probeMiddle(): Promise<string[]> {
    const box = await this.lanes.boundingBox();
    assert.ok(box !== null, 'the lanes are not in sight');
    const found = new Set<string>();
    // To the right of the middle there is more of what is drawn than names.
    const x = box.x + box.width * 0.6;
    for (let y = box.y; y < box.y + box.height; y += 5) {
      await this.page.mouse.move(x, y);
      if (await this.tooltip.isVisible()) found.add(await this.tooltip.innerText());
    }
    return [...found];
  }

  get #count(): Locator {
    return this.#frame.locator('.filter-count');
  }
}
