/** The line between two parts, moved with the pointer or the keyboard. */

export interface SplitterOptions {
  readonly label: string;
  /** Of the whole, for the part before the line. */
  readonly share: number;
  /** The share that a double click gives back. */
  readonly usual: number;
  readonly onMove: (share: number) => void;
}

const least = 0.15;
const most = 0.85;
const stepOfKey = 0.02;

/**
 * Splits an element between its two children: in a row, or in a column where its style says so
 * (`flex-direction`).
 */
export function splitter(
  container: HTMLElement,
  first: HTMLElement,
  second: HTMLElement,
  { label, share: initial, usual, onMove }: SplitterOptions,
): void {
  const line = document.createElement('div');
  line.className = 'splitter';
  line.role = 'separator';
  line.tabIndex = 0;
  line.ariaLabel = label;
  line.ariaValueMin = String(least * 100);
  line.ariaValueMax = String(most * 100);
  container.classList.add('split');
  container.append(first, line, second);
  let share = initial;

  const isColumn = () => getComputedStyle(container).flexDirection === 'column';
  const place = (wanted: number) => {
    share = Math.min(Math.max(wanted, least), most);
    // Above 1 in sum and each: then one part fills it all when the other does not grow.
    first.style.flexGrow = String(share * 100);
    second.style.flexGrow = String((1 - share) * 100);
    line.ariaValueNow = String(Math.round(share * 100));
  };
  const move = (wanted: number) => {
    place(wanted);
    onMove(share);
  };

  line.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    line.setPointerCapture(event.pointerId);
    event.preventDefault();
    line.focus();
  });
  line.addEventListener('pointermove', ({ pointerId, clientX, clientY }) => {
    if (!line.hasPointerCapture(pointerId)) return;
    const { left, top, width, height } = container.getBoundingClientRect();
    move(isColumn() ? (clientY - top) / height : (clientX - left) / width);
  });
  line.addEventListener('dblclick', () => {
    move(usual);
  });
  line.addEventListener('keydown', (event) => {
    const [back, on] = isColumn() ? ['ArrowUp', 'ArrowDown'] : ['ArrowLeft', 'ArrowRight'];
    const places: Readonly<Record<string, number>> = {
      [back]: share - stepOfKey,
      [on]: share + stepOfKey,
      Home: least,
      End: most,
      Enter: usual,
    };
    const wanted = places[event.key];
    if (wanted === undefined) return;
    move(wanted);
    event.preventDefault();
    event.stopPropagation();
  });
  new ResizeObserver(() => {
    line.ariaOrientation = isColumn() ? 'horizontal' : 'vertical';
  }).observe(container);
  place(share);
}
