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

  get lanes(): Locator {
    return this.#frame.locator('.lanes');
  }

  get list(): Locator {
    return this.#frame.locator('.traffic [role=listbox]');
  }

  get detail(): Locator {
    return this.#frame.locator('.detail');
  }

  row(text: string | RegExp): Locator {
    return this.#frame.locator('.traffic-row').filter({ hasText: text }).first();
  }

  get selectedRow(): Locator {
    return this.#frame.locator('.traffic-row[aria-selected=true]');
  }

  get filter(): Locator {
    return this.#frame.locator('.filter-text input');
  }

  get tooltip(): Locator {
    return this.#frame.locator('.tooltip');
  }

  button(name: string): Locator {
    return this.#frame.getByRole('button', { name });
  }
}
