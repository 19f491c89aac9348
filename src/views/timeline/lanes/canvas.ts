/** A canvas as sharp as the screen is. */

export class Canvas {
  readonly element = document.createElement('canvas');
  readonly context: CanvasRenderingContext2D;
  width = 0;
  height = 0;

  constructor(className: string) {
    this.element.className = className;
    const context = this.element.getContext('2d', { alpha: false });
    if (context === null) throw new Error('This browser draws no canvas.');
    this.context = context;
  }

  /** In CSS pixels; what was drawn is gone if that is a change. */
  resize(width: number, height: number): void {
    const ratio = window.devicePixelRatio;
    const [columns, rows] = [Math.round(width * ratio), Math.round(height * ratio)];
    this.width = width;
    this.height = height;
    if (this.element.width !== columns || this.element.height !== rows) {
      this.element.width = columns;
      this.element.height = rows;
      this.element.style.width = `${width}px`;
      this.element.style.height = `${height}px`;
    }
    this.context.setTransform(ratio, 0, 0, ratio, 0, 0);
  }
}

/** Widths of texts in one font, measured once each. */
export class TextWidths {
  readonly #widths = new Map<string, number>();

  of(context: CanvasRenderingContext2D, text: string): number {
    if (this.#widths.size > 10_000) this.#widths.clear();
    let width = this.#widths.get(text);
    if (width === undefined) this.#widths.set(text, (width = context.measureText(text).width));
    return width;
  }
}
