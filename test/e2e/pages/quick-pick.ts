import type { Locator, Page } from '../../vscode/playwright';

/** VS Code's input at the top: the palette, and the questions of the extension. */
export class QuickPick {
  readonly #widget: Locator;
  readonly #rows: Locator;
  readonly #focused: Locator;

  constructor(private readonly page: Page) {
    this.#widget = page.locator('.quick-input-widget');
    this.#rows = this.#widget.locator('.quick-input-list .monaco-list-row');
    this.#focused = this.#rows.and(page.locator('.focused'));
  }

  /** Resolves once it asks under this title, if several questions are asked, the one with that number. */
  async waitForQuestion(title: string | RegExp, step?: number): Promise<void> {
    const asked = this.#widget.locator('.quick-input-title').filter({ hasText: title });
    const number = step === undefined ? asked : asked.filter({ hasText: `(${step}/` });
    await number.waitFor();
  }

  /** Resolves once it offers this. */
  async waitForRow(text: string | RegExp): Promise<void> {
    await this.#rows.filter({ hasText: text }).first().waitFor();
  }

  async type(text: string): Promise<void> {
    await this.#widget.waitFor();
    await this.page.keyboard.insertText(text);
  }

  /** In place of what the input proposes. */
  async replace(text: string): Promise<void> {
    await this.#widget.locator('input[type=text]').fill(text);
  }

  /** Resolves once Enter would choose this. */
  async waitForFocused(text: string | RegExp): Promise<void> {
    await this.#focused.filter({ hasText: text }).waitFor();
  }

  /** Goes to the row of exactly that label, as it is far down at most by a few keys. */
  async moveTo(label: string): Promise<void> {
    // Followed by its key binding, if it has one.
    const named = this.page.locator(`[aria-label="${label}"], [aria-label^="${label},"]`);
    await this.#rows.and(named).first().waitFor();
    const wanted = this.#focused.and(named);
    for (let keys = 0; keys < 10 && (await wanted.count()) === 0; keys++) {
      await this.page.keyboard.press('ArrowDown');
    }
    await wanted.waitFor();
  }

  async choose(text: string | RegExp): Promise<void> {
    // What is under the pointer already may have a tooltip over the row.
    await this.page.mouse.move(0, 0);
    await this.#rows.filter({ hasText: text }).first().click();
  }

  async accept(): Promise<void> {
    await this.page.keyboard.press('Enter');
  }

  async waitUntilGone(): Promise<void> {
    await this.#widget.waitFor({ state: 'hidden' });
  }
}
