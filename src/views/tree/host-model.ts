/** What has been read of one connected host: read when it is asked for, kept up to date while it is seen. */
import { isDeepStrictEqual } from 'node:util';
import type { Engine } from '../../engine/engine';
import type { DomainHoldings } from '../../engine/inventory/holdings';
import type { DomainOverview, HostOverview } from '../../engine/inventory/overview';
import type { Disposable } from '../../host/host';
import type { Part } from './branch';
import { nothingRead, type HostContent } from './host';

/** What is read by itself: the overview, what is not in it, an instance's paths by its domain's UUID. */
export type Reading = 'overview' | 'emulators' | 'traces' | { readonly holdings: string };

export type ReadableEngine = Pick<
  Engine,
  'overview' | 'holdings' | 'emulatorsFound' | 'traces' | 'watch'
>;

/** Changes come in bursts, for a migration takes many steps; what a burst waits for its end, in ms. */
const burstMs = 100;

export class HostModel implements Disposable {
  #content = nothingRead;
  readonly #readings = new Map<string, Promise<void>>();
  readonly #ended = new AbortController();
  #watch: Disposable | undefined;
  #timer: NodeJS.Timeout | undefined;
  #queue = Promise.resolve();
  #isStale = false;
  #isSeen = false;

  constructor(
    private readonly engine: ReadableEngine,
    private readonly onChange: () => void,
  ) {}

  get content(): HostContent {
    return this.#content;
  }

  /**
   * Whether somebody sees the host. Told that they look at it, once more too, what was read is read
   * anew: that a QEMU or its guest stops by itself is told by nobody.
   */
  set isSeen(isSeen: boolean) {
    this.#isSeen = isSeen;
    if (!isSeen || this.#watch === undefined) return;
    this.#isStale = true;
    this.#refreshSoon();
  }

  /** Reads what has not been read before. A failure becomes the content; never rejects. */
  async read(reading: Reading): Promise<void> {
    if (this.#has(reading)) return;
    const key = keyOf(reading);
    const underWay = this.#readings.get(key);
    if (underWay !== undefined) return underWay;
    const work = this.#readAnew(reading).finally(() => this.#readings.delete(key));
    this.#readings.set(key, work);
    return work;
  }

  /** Reads all anew that has been read before. Never rejects. */
  async refresh(): Promise<void> {
    const { holdings } = this.#content;
    const others = (['emulators', 'traces'] as const).filter((reading) => this.#has(reading));
    await Promise.all([
      this.#refreshOverview(new Set(holdings.keys())),
      ...others.map((reading) => this.#readAnew(reading)),
    ]);
  }

  dispose(): void {
    this.#ended.abort();
    clearTimeout(this.#timer);
    this.#watch?.dispose();
  }

  #has(reading: Reading): boolean {
    const content = this.#content;
    if (typeof reading === 'string') return content[reading] !== undefined;
    return content.holdings.get(reading.holdings) !== undefined;
  }

  async #readAnew(reading: Reading): Promise<void> {
    const { engine } = this;
    const { signal } = this.#ended;
    if (reading === 'overview') return this.#refreshOverview(new Set());
    if (reading === 'emulators') {
      const emulators = await this.#part(engine.emulatorsFound(signal));
      this.#tell({ ...this.#content, emulators });
      return;
    }
    if (reading === 'traces') {
      const traces = await this.#part(engine.traces(signal));
      this.#tell({ ...this.#content, traces });
      return;
    }
    const uuid = reading.holdings;
    const part = await this.#part(engine.holdings(uuid, signal));
    this.#tell({ ...this.#content, holdings: new Map(this.#content.holdings).set(uuid, part) });
  }

  /** One after the other: what was read before must not take the place of what was read after. */
  #refreshOverview(alsoOf: ReadonlySet<string>): Promise<void> {
    return (this.#queue = this.#queue.then(() => this.#readOverview(alsoOf)));
  }

  /**
   * Reads the overview, and the paths of those domains whose instances have changed, and the traces if
   * there are others; they are told together, so that what is open does not vanish for a moment.
   * @param alsoOf UUIDs of domains whose paths are read anew in any case
   */
  async #readOverview(alsoOf: ReadonlySet<string>): Promise<void> {
    const { signal } = this.#ended;
    if (signal.aborted) return;
    // Before it is read, so that no change falls between.
    this.#watch ??= this.engine.watch(() => {
      this.#isStale = true;
      this.#refreshSoon();
    });
    this.#isStale = false;
    const before = this.#content.overview;
    const overview = await this.#part(this.engine.overview(signal));
    const domains = comparedDomains(before, overview);
    const anew = new Map<string, Part<DomainHoldings>>();
    const { traces } = this.#content;
    const hasOtherTraces =
      traces !== undefined && !isDeepStrictEqual(tracesOf(before), tracesOf(overview));
    const [tracesNow] = await Promise.all([
      hasOtherTraces ? this.#part(this.engine.traces(signal)) : undefined,
      ...[...this.#content.holdings].map(async ([uuid, part]) => {
        const isUpToDate = domains.get(uuid) === 'same' && part?.state === 'loaded';
        if (!domains.has(uuid) || (isUpToDate && !alsoOf.has(uuid))) return;
        anew.set(uuid, await this.#part(this.engine.holdings(uuid, signal)));
      }),
    ]);
    const holdings = [...this.#content.holdings, ...anew].filter(([uuid]) => domains.has(uuid));
    this.#tell({
      ...this.#content,
      overview,
      holdings: new Map(holdings),
      ...(tracesNow && { traces: tracesNow }),
    });
  }

  /** Once a burst, if somebody sees it. */
  #refreshSoon(): void {
    if (!this.#isSeen || this.#ended.signal.aborted) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.#refreshUnlessFresh();
    }, burstMs);
  }

  /** What was told of before a reading began is in it. */
  #refreshUnlessFresh(): Promise<void> {
    return (this.#queue = this.#queue.then(() =>
      this.#isStale ? this.#readOverview(new Set()) : undefined,
    ));
  }

  async #part<Value>(reading: Promise<Value>): Promise<Part<Value>> {
    try {
      return { state: 'loaded', value: await reading };
    } catch (error) {
      return { state: 'failed', error };
    }
  }

  #tell(content: HostContent): void {
    if (this.#ended.signal.aborted) return;
    this.#content = content;
    this.onChange();
  }
}

function keyOf(reading: Reading): string {
  return typeof reading === 'string' ? reading : `holdings ${reading.holdings}`;
}

/** For each domain that there is, whether what decides its paths is as it was. */
function comparedDomains(
  before: Part<HostOverview>,
  now: Part<HostOverview>,
): Map<string, 'same' | 'changed'> {
  const old = new Map(domainsOf(before).map((each) => [each.domain.uuid, decisive(each)]));
  return new Map(
    domainsOf(now).map((each) => {
      const { uuid } = each.domain;
      return [uuid, old.get(uuid) === decisive(each) ? 'same' : 'changed'];
    }),
  );
}

/** What the traces' rows hang on: which there are, and which of them still grow. */
function tracesOf(overview: Part<HostOverview>): unknown {
  if (overview?.state !== 'loaded') return undefined;
  const { traces, domains } = overview.value;
  return [traces, domains.flatMap(({ migration }) => migration?.tracePath ?? [])];
}

function domainsOf(overview: Part<HostOverview>): readonly DomainOverview[] {
  return overview?.state === 'loaded' ? overview.value.domains : [];
}

function decisive({ domain, instances }: DomainOverview): string {
  return JSON.stringify([domain, instances.map(({ instance }) => instance)]);
}
