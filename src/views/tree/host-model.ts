/** What has been read of one connected host: read when it is asked for, kept up to date while it is seen. */
import { isDeepStrictEqual } from 'node:util';
import type { Engine } from '../../engine/engine';
import type { DomainHoldings } from '../../engine/inventory/holdings';
import type { DomainOverview, HostOverview } from '../../engine/inventory/overview';
import type { Disposable } from '../../host/host';
import type { ConnectionUri } from '../../libvirt/connections';
import { partOf, type Part } from './branch';
import { nothingRead, type HostContent } from './host';
import { LibvirtModel, type ReadableLibvirt } from './libvirt-model';
import { OthersMigrations } from './others-migrations';
import { Refresher } from './refresher';

/** What is read by itself: the overview, what is not in it, an instance's paths by its domain's UUID. */
export type Reading =
  | 'overview'
  | 'emulators'
  | 'traces'
  | { readonly holdings: string; readonly connection?: ConnectionUri | undefined };

export type ReadableEngine = Pick<
  Engine,
  'overview' | 'holdings' | 'emulatorsFound' | 'traces' | 'watch' | 'followMigration'
> & { readonly libvirt: ReadableLibvirt };

/**
 * Nobody tells when a monitor is free again, or a QEMU that stalls answers: it is looked at again after this,
 * in ms, and each time after twice as long.
 */
const busyLookMs = 2_000;
const busyLookDoublings = 4;

/** What is not libvirt's. */
type OwnContent = Omit<HostContent, 'libvirt'>;

export class HostModel implements Disposable {
  #own: OwnContent = nothingRead;
  readonly #libvirt: LibvirtModel;
  readonly #others: OthersMigrations;
  #isSeen = false;
  readonly #readings = new Map<string, Promise<void>>();
  readonly #ended = new AbortController();
  readonly #refresher = new Refresher(() => this.#readOverview(new Set()));
  #watch: Disposable | undefined;
  #lookAgain: NodeJS.Timeout | undefined;
  #busyLooks = 0;

  constructor(
    private readonly engine: ReadableEngine,
    private readonly onChange: () => void,
  ) {
    this.#libvirt = new LibvirtModel(engine.libvirt, onChange);
    this.#others = new OthersMigrations(
      (path, onProgress) => engine.followMigration(path, onProgress),
      onChange,
    );
  }

  get content(): HostContent {
    const { overview: libvirt, holdings } = this.#libvirt;
    const { overview } = this.#own;
    return {
      ...this.#own,
      overview:
        overview?.state === 'loaded'
          ? { ...overview, value: this.#others.upToDate(overview.value) }
          : overview,
      libvirt,
      holdings: new Map([...this.#own.holdings, ...holdings]),
    };
  }

  /**
   * Whether somebody sees the host. Told that they look at it, once more too, what was read is read
   * anew: that a QEMU or its guest stops by itself is told by nobody.
   */
  set isSeen(isSeen: boolean) {
    this.#isSeen = isSeen;
    this.#followOthers();
    this.#libvirt.isSeen = isSeen;
    this.#refresher.isSeen = isSeen;
    if (isSeen && this.#watch !== undefined) this.#refresher.changed();
  }

  /**
   * Reads what has not been read before. A failure becomes the content; never rejects. Nobody waits
   * for libvirt's domains: they come when they are there.
   */
  async read(reading: Reading): Promise<void> {
    if (typeof reading !== 'string' && reading.connection !== undefined) {
      return this.#libvirt.readHoldings(reading.holdings, reading.connection);
    }
    if (reading === 'overview') void this.#libvirt.read();
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
    const { holdings } = this.#own;
    const others = (['emulators', 'traces'] as const).filter((reading) => this.#has(reading));
    await Promise.all([
      this.#refresher.readNow(() => this.#readOverview(new Set(holdings.keys()))),
      this.#libvirt.refresh(),
      ...others.map((reading) => this.#readAnew(reading)),
    ]);
  }

  dispose(): void {
    this.#ended.abort();
    this.#refresher.dispose();
    this.#libvirt.dispose();
    this.#others.dispose();
    this.#watch?.dispose();
    clearTimeout(this.#lookAgain);
  }

  #has(reading: Reading): boolean {
    const content = this.#own;
    if (typeof reading === 'string') return content[reading] !== undefined;
    return content.holdings.get(reading.holdings) !== undefined;
  }

  async #readAnew(reading: Reading): Promise<void> {
    const { engine } = this;
    const { signal } = this.#ended;
    if (reading === 'overview') return this.#refresher.readNow();
    if (reading === 'emulators') {
      const emulators = await partOf(engine.emulatorsFound(signal));
      this.#tell({ ...this.#own, emulators });
      return;
    }
    if (reading === 'traces') {
      const traces = await partOf(engine.traces(signal));
      this.#tell({ ...this.#own, traces });
      return;
    }
    const uuid = reading.holdings;
    const part = await partOf(engine.holdings(uuid, signal));
    this.#tell({ ...this.#own, holdings: new Map(this.#own.holdings).set(uuid, part) });
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
      this.#refresher.changed();
    });
    const before = this.#own.overview;
    const overview = await partOf(this.engine.overview(signal));
    const domains = comparedDomains(before, overview);
    // Shown from now on as libvirt tells of it: what that told before, it told of one that was away.
    const hasGoneBack = domainsOf(before).some(
      ({ domain }) => domain.libvirt !== undefined && !domains.has(domain.uuid),
    );
    const anew = new Map<string, Part<DomainHoldings>>();
    const { traces } = this.#own;
    const hasOtherTraces =
      traces !== undefined && !isDeepStrictEqual(tracesOf(before), tracesOf(overview));
    const [tracesNow] = await Promise.all([
      hasOtherTraces ? partOf(this.engine.traces(signal)) : undefined,
      hasGoneBack ? this.#libvirt.readAgain() : undefined,
      ...[...this.#own.holdings].map(async ([uuid, part]) => {
        const isUpToDate = domains.get(uuid) === 'same' && part?.state === 'loaded';
        if (!domains.has(uuid) || (isUpToDate && !alsoOf.has(uuid))) return;
        anew.set(uuid, await partOf(this.engine.holdings(uuid, signal)));
      }),
    ]);
    const holdings = [...this.#own.holdings, ...anew].filter(([uuid]) => domains.has(uuid));
    this.#tell({
      ...this.#own,
      overview,
      holdings: new Map(holdings),
      ...(tracesNow && { traces: tracesNow }),
    });
    this.#lookAgainIfBusy(domainsOf(overview));
  }

  #lookAgainIfBusy(domains: readonly DomainOverview[]): void {
    clearTimeout(this.#lookAgain);
    const isBusy = domains.some(({ state }) => state === 'busy');
    if (!isBusy) this.#busyLooks = 0;
    if (!isBusy || this.#ended.signal.aborted) return;
    const afterMs = busyLookMs * 2 ** Math.min(this.#busyLooks++, busyLookDoublings);
    this.#lookAgain = setTimeout(() => {
      this.#refresher.changed();
    }, afterMs);
  }

  #tell(content: OwnContent): void {
    if (this.#ended.signal.aborted) return;
    this.#own = content;
    this.#followOthers();
    this.onChange();
  }

  #followOthers(): void {
    const domains = this.#isSeen ? domainsOf(this.#own.overview) : [];
    this.#others.keepTo({ domains });
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
