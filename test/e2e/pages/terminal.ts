import type { Locator, Page } from '../../vscode/playwright';

/** The terminal in the panel. */
export class Terminal {
  readonly #rows: Locator;

  constructor(private readonly page: Page) {
    this.#rows = page.locator('.terminal-wrapper.active .xterm-rows');
  }

  /** Resolves once it shows this, within what is in sight. */
  async waitFor(text: string | RegExp, timeout = 30_000): Promise<void> {
    await this.#rows.filter({ hasText: text }).waitFor({ timeout });
  }

  /** Types into it, wherever the focus is. */
  async type(text: string): Promise<void> {
    await this.page.locator('.terminal-wrapper.active .xterm-helper-textarea').focus();
    await this.page.keyboard.type(text);
  }

  async press(...keys: readonly string[]): Promise<void> {
    await this.page.locator('.terminal-wrapper.active .xterm-helper-textarea').focus();
    for (const key of keys) await this.page.keyboard.press(key);
  }
}
