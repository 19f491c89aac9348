/** The line between two parts, moved with the pointer or the keyboard. */
import type { Shares } from './ui-state';

export interface SplitterOptions {
  readonly label: string;
  /** For the part before the line. */
  readonly shares: Shares;
  /** What a double click gives back. */
  readonly usual: Shares;
  readonly onMove: (shares: Shares) => void;
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
  { label, shares: initial, usual, onMove }: SplitterOptions,
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
  let shares = initial;

  const direction = () =>
    getComputedStyle(container).flexDirection === 'column' ? 'column' : 'row';
  const place = () => {
    const share = shares[direction()];
    line.ariaOrientation = direction() === 'column' ? 'horizontal' : 'vertical';
    // Above 1 in sum and each: then one part fills it all when the other does not grow.
    first.style.flexGrow = String(share * 100);
    second.style.flexGrow = String((1 - share) * 100);
    line.ariaValueNow = String(Math.round(share * 100));
  };
  const move = (wanted: number) => {
    shares = { ...shares, [direction()]: Math.min(Math.max(wanted, least), most) };
    place();
    onMove(shares);
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
    move(direction() === 'column' ? (clientY - top) / height : (clientX - left) / width);
  });
  line.addEventListener('dblclick', () => {
    move(usual[direction()]);
  });
  line.addEventListener('keydown', (event) => {
    const along = direction();
    const [back, on] = along === 'column' ? ['ArrowUp', 'ArrowDown'] : ['ArrowLeft', 'ArrowRight'];
    const places: Readonly<Record<string, number>> = {
      [back]: shares[along] - stepOfKey,
      [on]: shares[along] + stepOfKey,
      Home: least,
      End: most,
      Enter: usual[along],
    };
    const wanted = places[event.key];
    if (wanted === undefined) return;
    move(wanted);
    event.preventDefault();
    event.stopPropagation();
  });
  // A row may have become a column.
  new ResizeObserver(place).observe(container);
  place();
}
