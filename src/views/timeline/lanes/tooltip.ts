/** What is under the pointer, in words beside it. */

export class Tooltip {
  readonly #element = document.createElement('div');

  constructor(parent: HTMLElement) {
    this.#element.className = 'lanes-tooltip';
    this.#element.hidden = true;
    // What it says is said of the selection, too.
    this.#element.setAttribute('aria-hidden', 'true');
    parent.append(this.#element);
  }

  /** @param x, y of the pointer in the window */
  show(title: string, lines: readonly string[], x: number, y: number): void {
    const element = this.#element;
    const heading = document.createElement('strong');
    heading.textContent = title;
    const paragraphs = lines.map((line) => {
      const paragraph = document.createElement('div');
      paragraph.textContent = line;
      return paragraph;
    });
    element.replaceChildren(heading, ...paragraphs);
    element.hidden = false;
    const { offsetWidth: width, offsetHeight: height } = element;
    const right = x + 14 + width < window.innerWidth;
    const below = y + 18 + height < window.innerHeight;
    element.style.left = `${Math.max(right ? x + 14 : x - 10 - width, 4)}px`;
    element.style.top = `${Math.max(below ? y + 18 : y - 10 - height, 4)}px`;
  }

  hide(): void {
    this.#element.hidden = true;
  }

  dispose(): void {
    this.#element.remove();
  }
}
