import type { Locator, Page } from '../../vscode/playwright';

/** VS Code's modal dialog. */
export class Dialog {
  readonly #box: Locator;

  constructor(page: Page) {
    this.#box = page.locator('.monaco-dialog-box');
  }

  /** @returns all that it says */
  async text(): Promise<string> {
    await this.#box.waitFor();
    return this.#box.innerText();
  }

  async press(button: string): Promise<void> {
    await this.#box.getByRole('button', { name: button }).click();
    await this.#box.waitFor({ state: 'detached' });
  }
}
