import type { ClickOptions, Locator, Page } from '../../vscode/playwright';

/** The extension's tree in the sidebar. */
export class Tree {
  readonly #pane: Locator;
  readonly #rows: Locator;
  readonly #menu: Locator;

  constructor(private readonly page: Page) {
    this.#pane = page.locator('.pane-body:has(.tree-explorer-viewlet-tree-view)');
    this.#rows = this.#pane.locator('.monaco-list-row');
    this.#menu = page.locator('.context-view .monaco-menu');
  }

  async waitUntilShown(): Promise<void> {
    await this.#pane.first().waitFor();
  }

  /** The row with that text in its label or description. */
  row(text: string | RegExp): Locator {
    return this.#rows.filter({ hasText: text }).first();
  }

  async waitFor(text: string | RegExp, timeout = 30_000): Promise<void> {
    await this.row(text).waitFor({ timeout });
  }

  async waitUntilGone(text: string | RegExp): Promise<void> {
    await this.row(text).waitFor({ state: 'detached' });
  }

  async click(text: string | RegExp, options?: ClickOptions): Promise<void> {
    await this.row(text).click(options);
  }

  async open(text: string | RegExp): Promise<void> {
    await this.#expand(text, 'true');
  }

  async close(text: string | RegExp): Promise<void> {
    await this.#expand(text, 'false');
  }

  /** Again, if it was not taken: a row that is drawn anew just then takes no click. */
  async #expand(text: string | RegExp, expanded: 'true' | 'false'): Promise<void> {
    const row = this.row(text);
    const end = Date.now() + 30_000;
    await row.waitFor();
    for (;;) {
      const isSo = (await row.getAttribute('aria-expanded')) === expanded;
      if (!isSo) await row.locator('.monaco-tl-twistie').click();
      try {
        await row.and(this.page.locator(`[aria-expanded=${expanded}]`)).waitFor({ timeout: 3_000 });
        return;
      } catch (error) {
        if (Date.now() > end) throw error;
      }
    }
  }

  async isOpen(text: string | RegExp): Promise<boolean> {
    return (await this.row(text).getAttribute('aria-expanded')) === 'true';
  }

  /** Chooses from the context menu of a row. */
  async menu(text: string | RegExp, entry: string): Promise<void> {
    await this.click(text, { button: 'right' });
    await this.#menu.getByRole('menuitem', { name: entry }).hover();
    // A menu that has just opened takes no click yet: it could be the end of the one that opened it.
    await this.page.keyboard.press('Enter');
    await this.#menu.waitFor({ state: 'detached' });
  }

  /** What each row in sight says. */
  async texts(): Promise<string[]> {
    return this.#rows.allInnerTexts();
  }
}
