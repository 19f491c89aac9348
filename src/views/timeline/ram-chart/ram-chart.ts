/** RAM remaining, transferred and the rate, on the same time axis as the lanes. */
import 'uplot/dist/uPlot.min.css';
import './ram-chart.css';
import uPlot from 'uplot';
import { copiesNoRam } from '../header/facts';
import { t } from '../l10n';
import { gutter, rightMargin } from '../lanes/frame';
import { readTheme, watchTheme, type Theme } from '../lanes/theme';
import { formatBytes } from '../model/format';
import { ticksOf } from '../model/ticks';
import type { PageState, Store } from '../store';
import { columnsOf } from './series';

const pixelsPerTick = 90;

export class RamChart {
  readonly #root = document.createElement('div');
  readonly #empty = document.createElement('div');
  readonly #undo: (() => void)[] = [];
  #plot: uPlot | undefined;
  #frameRequest: number | undefined;
  #isDataOld = true;

  constructor(
    parent: HTMLElement,
    private readonly store: Store,
  ) {
    this.#root.className = 'ram-chart';
    this.#empty.className = 'ram-chart-empty';
    this.#root.append(this.#empty);
    parent.append(this.#root);
    const resized = new ResizeObserver(() => {
      this.#invalidate();
    });
    resized.observe(this.#root);
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
    const { clientWidth: width, clientHeight: height } = this.#root;
    const { state } = this.store;
    this.#sayWhyEmpty(state);
    if (!this.#empty.hidden || width === 0 || height === 0) {
      this.#forget();
      return;
    }
    if (this.#plot === undefined) {
      this.#plot = new uPlot(optionsFor(readTheme(document.body), this.store), [[]], this.#root);
      this.#isDataOld = true;
    }
    const plot = this.#plot;
    const legend = plot.root.querySelector<HTMLElement>('.u-legend')?.offsetHeight ?? 0;
    const [plotWidth, plotHeight] = [width, Math.max(height - legend, 40)];
    plot.batch(() => {
      if (plot.width !== plotWidth || plot.height !== plotHeight) {
        plot.setSize({ width: plotWidth, height: plotHeight });
      }
      if (this.#isDataOld) plot.setData(columnsOf(state.model.ram.items), false);
      this.#isDataOld = false;
      plot.setScale('x', { min: state.viewport.startUs, max: state.viewport.endUs });
    });
  }

  #sayWhyEmpty({ model }: PageState): void {
    const last = model.ram.last;
    const hasCurve = model.ram.length > 1;
    this.#empty.hidden = hasCurve && !copiesNoRam(model);
    if (this.#empty.hidden) return;
    const isUnsent = last === undefined && model.verdict?.outcome !== 'moved';
    this.#empty.textContent =
      copiesNoRam(model) && !isUnsent
        ? [
            t('0 copied: source and target map the same RAM.'),
            ...(last === undefined
              ? []
              : [t('{0} of device state were sent.', formatBytes(last.transferred))]),
          ].join(' ')
        : last === undefined
          ? t('No RAM has been sent.')
          : t('{0} of RAM were sent, measured once.', formatBytes(last.transferred));
  }

  #forget(): void {
    this.#plot?.destroy();
    this.#plot = undefined;
  }
}

function optionsFor(theme: Theme, store: Store): uPlot.Options {
  const grid = { stroke: theme.grid, width: 1 };
  const axis = { stroke: theme.dim, font: theme.font, ticks: { show: false } };
  const line = (label: string, stroke: string, unit: string): uPlot.Series => ({
    label,
    stroke,
    width: 1.5,
    spanGaps: true,
    points: { size: 5, fill: stroke },
    value: (_, value: number | null) => (value === null ? '–' : `${value.toFixed(1)} ${unit}`),
  });
  return {
    width: 100,
    height: 100,
    padding: [8, rightMargin, 0, 0],
    cursor: { y: false, drag: { setScale: false, x: false }, points: { size: 7 } },
    scales: {
      x: { time: false, auto: false },
      size: { range: (_, __, max) => [0, Math.max(max, 1) * 1.1] },
      rate: { range: (_, __, max) => [0, Math.max(max, 1) * 1.1] },
    },
    axes: [
      {
        ...axis,
        grid,
        size: 22,
        gap: 4,
        splits: (plot) =>
          ticksOf(
            store.state.viewport,
            plot.bbox.width / devicePixelRatio / pixelsPerTick,
          ).ticks.map(({ us }) => us),
        values: (plot) =>
          ticksOf(
            store.state.viewport,
            plot.bbox.width / devicePixelRatio / pixelsPerTick,
          ).ticks.map(({ label }) => label),
      },
      {
        ...axis,
        grid,
        scale: 'size',
        size: gutter,
        gap: 6,
        values: (_, splits) => splits.map((mib) => `${mib} MiB`),
      },
    ],
    series: [
      {
        label: t('time'),
        value: (_, us: number | null) => (us === null ? '–' : `${(us / 1000).toFixed(1)} ms`),
      },
      { ...line(t('remaining'), theme.source, 'MiB'), scale: 'size' },
      { ...line(t('transferred'), theme.good, 'MiB'), scale: 'size' },
      { ...line(t('rate'), theme.warning, 'MB/s'), scale: 'rate', dash: [5, 4] },
    ],
  };
}
