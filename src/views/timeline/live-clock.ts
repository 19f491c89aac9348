/** While a migration is under way the page's time goes on between its records. */
import type { Store } from './store';

/**
 * A trace without a verdict that was last written longer ago than this, in ms, was cut off. Only of
 * one that is opened, by two hosts' clocks: one that grows is alive whatever they say.
 */
const longestSilenceMs = 60_000;

export class LiveClock {
  readonly #stop: () => void;
  #anchor: { readonly us: number; readonly atMs: number } | undefined;
  #frame: number | undefined;

  constructor(private readonly store: Store) {
    this.#stop = store.subscribe(({ model, revision }, before) => {
      if (revision !== before.revision) this.#heard(model === before.model);
    });
  }

  dispose(): void {
    this.#stop();
    this.#halt();
  }

  #heard(hasGrown: boolean): void {
    const { model, nowUs } = this.store.state;
    const lastAtMs = (model.originUs + model.lastUs) / 1000;
    const isOld = !hasGrown && Date.now() - lastAtMs > longestSilenceMs;
    if (model.verdict !== undefined || isOld) {
      this.#halt();
      return;
    }
    // What has been shown as past stays past, though records take their time to come.
    this.#anchor = { us: Math.max(nowUs, model.lastUs), atMs: performance.now() };
    this.#frame ??= requestAnimationFrame(this.#tick);
    this.#tell(true);
  }

  readonly #tick = (): void => {
    if (this.#anchor === undefined) return;
    const { us, atMs } = this.#anchor;
    this.#frame = requestAnimationFrame(this.#tick);
    this.store.tick(us + Math.max(performance.now() - atMs, 0) * 1000);
  };

  #halt(): void {
    this.#anchor = undefined;
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
    this.#frame = undefined;
    this.#tell(false);
  }

  #tell(isUnderWay: boolean): void {
    if (isUnderWay !== this.store.state.isUnderWay) this.store.update({ isUnderWay });
  }
}
