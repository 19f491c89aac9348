/** RAM remaining, transferred and the rate, on the same time axis as the lanes. */
import 'uplot/dist/uPlot.min.css';
import './ram-chart.css';
import uPlot from 'uplot';
import { copiesNoRam } from '../header/facts';
import { t } from '../l10n';
import { plotWidth } from '../lanes/draw-head';
import { pixelsPerTick } from '../lanes/draw-lanes';
import { gutter, rightMargin } from '../lanes/frame';
import { readTheme, watchTheme, type Theme } from '../lanes/theme';
import { wheeled } from '../lanes/wheel';
import { formatBytes } from '../model/format';
import { ticksOf } from '../model/ticks';
import { timeScale } from '../model/time-scale';
import type { RamItem } from '../model/items';
import type { TraceModel } from '../model/trace-model';
import type { Viewport } from '../model/viewport';
import type { Store } from '../store';
import { Legend, type LegendEntry } from './legend';
import { columnsOf, highest, valuesAt, type RamColumns } from './series';

/** Less than this, in pixels, is no chart. */
const leastHeight = 30;

/** For an axis in MiB: from 64 KiB to 4 TiB. */
const powersOfTwo = Array.from({ length: 27 }, (_, power) => 2 ** (power - 4));

interface Drawn {
  readonly plot: uPlot;
  readonly legend: Legend;
}

export class RamChart {
  readonly #root = document.createElement('div');
  readonly #empty = document.createElement('div');
  readonly #undo: (() => void)[] = [];
  #drawn: Drawn | undefined;
  #columns: RamColumns = [[], [], [], []];
  #isDataOld = true;
  #frameRequest: number | undefined;

  constructor(
    parent: HTMLElement,
    private readonly store: Store,
  ) {
    const root = this.#root;
    root.className = 'ram-chart';
    this.#empty.className = 'ram-chart-empty';
    root.append(this.#empty);
    parent.append(root);
    const wheel = (event: WheelEvent) => {
      const x = event.clientX - root.getBoundingClientRect().left;
      const scale = timeScale(store.state.viewport, gutter, plotWidth(root.clientWidth));
      if (x >= gutter) wheeled(event, x, scale, store);
    };
    root.addEventListener('wheel', wheel, { passive: false });
    const resized = new ResizeObserver(() => {
      this.#invalidate();
    });
    resized.observe(root);
    this.#undo.push(
      store.subscribe((state, before) => {
        this.#isDataOld ||= state.revision !== before.revision;
        if (this.#isDataOld || state.viewport !== before.viewport) this.#invalidate();
      }),
      watchTheme(() => {
        this.#forget();
        this.#invalidate();
      }),
      () => {
        resized.disconnect();
      },
    );
    this.#invalidate();
  }

  dispose(): void {
    for (const undo of this.#undo.splice(0)) undo();
    if (this.#frameRequest !== undefined) cancelAnimationFrame(this.#frameRequest);
    this.#forget();
    this.#root.remove();
  }

  #invalidate(): void {
    this.#frameRequest ??= requestAnimationFrame(() => {
      this.#frameRequest = undefined;
      this.#draw();
    });
  }

  #draw(): void {
    const { model, viewport } = this.store.state;
    const reason = whyEmpty(model);
    this.#empty.hidden = reason === undefined;
    this.#empty.textContent = reason ?? '';
    this.#root.classList.toggle('ram-chart-is-empty', reason !== undefined);
    const { clientWidth: width, clientHeight } = this.#root;
    if (reason !== undefined || width === 0) {
      this.#forget();
      return;
    }
    const { plot, legend } = (this.#drawn ??= this.#create());
    const height = Math.max(clientHeight - legend.element.offsetHeight, leastHeight);
    if (this.#isDataOld) this.#columns = columnsOf(copiedIn(model));
    plot.batch(() => {
      if (plot.width !== width || plot.height !== height) plot.setSize({ width, height });
      if (this.#isDataOld) plot.setData(this.#columns, false);
      plot.setScale('x', { min: viewport.startUs, max: viewport.endUs });
    });
    if (this.#isDataOld) this.#tell();
    this.#isDataOld = false;
  }

  #create(): Drawn {
    const theme = readTheme(document.body);
    const legend = new Legend(t('RAM'), entriesFor(theme));
    this.#root.append(legend.element);
    const plot = new uPlot(this.#options(theme), [[]], this.#root);
    this.#isDataOld = true;
    return { plot, legend };
  }

  #forget(): void {
    this.#drawn?.plot.destroy();
    this.#drawn?.legend.element.remove();
    this.#drawn = undefined;
  }

  /** @param index of the sample under the pointer */
  #tell(index?: number | null): void {
    const last = this.#columns[0].length - 1;
    this.#drawn?.legend.show(valuesAt(this.#columns, index ?? last));
  }

  #options(theme: Theme): uPlot.Options {
    const ticks = () =>
      ticksOf(
        this.store.state.viewport,
        plotWidth(this.#root.clientWidth) / pixelsPerTick,
      ).ticks.map(({ us }) => us);
    const axis = { stroke: theme.dim, font: theme.font, ticks: { show: false } };
    const grid = { stroke: theme.grid, width: 1 };
    const [remaining, transferred, rate] = entriesFor(theme).map(
      ({ name, color, isDashed }): uPlot.Series => ({
        label: name,
        stroke: color,
        width: 1.5,
        points: { size: 4, fill: color },
        ...(isDashed && { dash: [5, 4] }),
      }),
    );
    return {
      width: this.#root.clientWidth,
      height: leastHeight,
      padding: [8, rightMargin, 0, 0],
      legend: { show: false },
      cursor: { y: false, drag: { setScale: false, x: false } },
      scales: {
        x: { time: false, auto: false },
        size: { range: () => [0, highest(this.#columns[1], this.#columns[2])] },
        rate: { range: () => [0, highest(this.#columns[3])] },
      },
      axes: [
        // The ruler above the lanes has the times.
        { ...axis, grid, size: 6, splits: ticks, values: (_, splits) => splits.map(() => '') },
        {
          ...axis,
          grid,
          scale: 'size',
          size: gutter,
          gap: 6,
          space: 24,
          incrs: powersOfTwo,
          values: (_, splits) => splits.map((mib) => formatBytes(mib * 1024 * 1024)),
        },
      ],
      series: [
        {},
        { ...remaining, scale: 'size' },
        { ...transferred, scale: 'size' },
        { ...rate, scale: 'rate' },
      ],
      hooks: {
        drawClear: [
          (plot) => {
            drawStandstills(plot, this.store, theme);
          },
        ],
        setCursor: [
          ({ cursor }) => {
            this.#tell(cursor.idx);
          },
        ],
      },
    };
  }
}

function entriesFor(theme: Theme): readonly LegendEntry[] {
  return [
    { name: t('remaining'), color: theme.source, isDashed: false },
    { name: t('transferred'), color: theme.good, isDashed: false },
    { name: t('rate'), color: theme.warning, isDashed: true },
  ];
}

/** The samples of each migration that copies RAM. */
function copiedIn(model: TraceModel): readonly (readonly RamItem[])[] {
  return model.hops.filter((hop) => !copiesNoRam(hop)).map(({ ram }) => ram.items);
}

/** The columns of the lanes go on through the chart. */
function drawStandstills(plot: uPlot, { state }: Store, theme: Theme): void {
  for (const { startUs, endUs } of state.model.standstills) {
    drawStandstill(plot, { startUs, endUs: Math.min(endUs, state.nowUs) }, theme);
  }
}

function drawStandstill(plot: uPlot, { startUs, endUs }: Viewport, theme: Theme): void {
  const { ctx, bbox } = plot;
  const left = Math.max(plot.valToPos(startUs, 'x', true), bbox.left);
  const end = plot.valToPos(endUs, 'x', true);
  const right = Math.min(Math.max(end, left + 2), bbox.left + bbox.width);
  if (end < bbox.left || right <= left) return;
  ctx.save();
  ctx.fillStyle = theme.bad;
  ctx.globalAlpha = 0.16;
  ctx.fillRect(left, 0, right - left, bbox.top + bbox.height);
  ctx.restore();
}

function whyEmpty(model: TraceModel): string | undefined {
  const last = model.hops.findLast(({ ram }) => ram.length > 0)?.ram.last;
  if (model.hops.every(copiesNoRam)) {
    const hasMoved = model.verdict === undefined || model.verdict.outcome === 'moved';
    if (last === undefined && !hasMoved) return t('No RAM has been sent.');
    const copied = t('0 copied: source and target map the same RAM.');
    if (last === undefined) return copied;
    const sent = t('{0} of device state were sent.', formatBytes(last.transferred));
    return `${copied} ${sent}`;
  }
  if (last === undefined) return t('No RAM has been sent.');
  if (copiedIn(model).flat().length > 1) return undefined;
  return t('{0} of RAM were sent, measured once.', formatBytes(last.transferred));
}
