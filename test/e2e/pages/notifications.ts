import type { Locator, Page } from '../../vscode/playwright';

/** The toasts at the lower right. */
export class Notifications {
  readonly #toasts: Locator;

  constructor(page: Page) {
    this.#toasts = page.locator('.notification-toast');
  }

  toast(text: string | RegExp): Locator {
    return this.#toasts.filter({ hasText: text }).first();
  }

  async waitFor(text: string | RegExp, timeout = 30_000): Promise<string> {
    const toast = this.toast(text);
    await toast.waitFor({ timeout });
    return toast.innerText();
  }

  /** Presses a button of the toast with that text. */
  async press(text: string | RegExp, button: string): Promise<void> {
    await this.toast(text).getByRole('button', { name: button }).click();
  }

  /** Those of progress go by themselves. */
  async waitUntilNone(): Promise<void> {
    await this.#toasts.first().waitFor({ state: 'detached' });
  }

  /** So that a picture has none. */
  async clear(): Promise<void> {
    for (let tries = 0; tries < 20 && (await this.#toasts.all()).length > 0; tries++) {
      const toast = this.#toasts.first();
      const button = toast.getByRole('button', { name: /^Clear Notification/ });
      // One that goes by itself meanwhile is no longer there to be cleared.
      await toast
        .hover({ timeout: 2_000 })
        .then(() => button.click({ timeout: 2_000 }))
        .catch(() => undefined);
    }
    await this.waitUntilNone();
  }
}
