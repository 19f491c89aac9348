/** What has been read of a host's libvirts. */
import { isDeepStrictEqual } from 'node:util';
import type { DomainHoldings } from '../../engine/inventory/holdings';
import type {
  LibvirtDomainOverview,
  LibvirtOverview,
} from '../../engine/inventory/libvirt-overview';
import type { LibvirtDomains } from '../../engine/libvirt/libvirt-domains';
import type { LibvirtWatch } from '../../engine/libvirt/watch';
import type { Disposable } from '../../host/host';
import type { ConnectionUri } from '../../libvirt/connections';
import { partOf, type Part } from './branch';
import { holdingsKey } from './host';
import { Refresher } from './refresher';

export interface ReadableLibvirt extends Pick<LibvirtDomains, 'overview' | 'holdings'> {
  watch(onChange: () => void): Pick<LibvirtWatch, 'follow' | 'dispose'>;
}

export class LibvirtModel implements Disposable {
  #overview: Part<LibvirtOverview>;
  #holdings: ReadonlyMap<string, Part<DomainHoldings>> = new Map();
  #first: Promise<void> | undefined;
  #watch: ReturnType<ReadableLibvirt['watch']> | undefined;
  readonly #ended = new AbortController();
  readonly #refresher = new Refresher(() => this.#read(false));

  constructor(
    private readonly libvirt: ReadableLibvirt,
    private readonly onChange: () => void,
  ) {}

  get overview(): Part<LibvirtOverview> {
    return this.#overview;
  }

  /** By `holdingsKey`. */
  get holdings(): ReadonlyMap<string, Part<DomainHoldings>> {
    return this.#holdings;
  }

  /** As of `HostModel`. */
  set isSeen(isSeen: boolean) {
    this.#refresher.isSeen = isSeen;
    if (isSeen && this.#first !== undefined) this.#refresher.changed();
  }

  /** Reads what has not been read before. A failure becomes the content; never rejects. */
  read(): Promise<void> {
    return (this.#first ??= this.#refresher.readNow());
  }

  async readHoldings(uuid: string, connection: ConnectionUri): Promise<void> {
    const key = holdingsKey(uuid, connection);
    if (this.#holdings.has(key)) return;
    const domain = domainsOf(this.#overview).find((each) => keyOf(each) === key);
    if (domain === undefined) return;
    const part = await partOf(this.libvirt.holdings(domain, this.#ended.signal));
    this.#holdings = new Map(this.#holdings).set(key, part);
    this.#tell();
  }

  /** Reads the domains anew, if they have been read before. Never rejects. */
  async readAgain(): Promise<void> {
    if (this.#first !== undefined) await this.#refresher.readNow();
  }

  /** Reads all anew that has been read before. Never rejects. */
  async refresh(): Promise<void> {
    if (this.#first !== undefined) await this.#refresher.readNow(() => this.#read(true));
  }

  dispose(): void {
    this.#ended.abort();
    this.#refresher.dispose();
    this.#watch?.dispose();
  }

  /** @param allPaths whether also those of domains that are as they were */
  async #read(allPaths: boolean): Promise<void> {
    const { signal } = this.#ended;
    // Before it is read, so that no change falls between.
    this.#watch ??= this.libvirt.watch(() => {
      this.#refresher.changed();
    });
    const before = new Map(domainsOf(this.#overview).map((each) => [keyOf(each), processOf(each)]));
    const overview = await partOf(this.libvirt.overview(signal));
    if (overview.state === 'loaded') {
      const answering = overview.value.filter(({ error }) => error === undefined);
      this.#watch.follow(answering.map(({ uri }) => uri));
    }
    const domains = new Map(domainsOf(overview).map((each) => [keyOf(each), each]));
    const anew = await Promise.all(
      [...this.#holdings].flatMap(([key, known]) => {
        const domain = domains.get(key);
        if (domain === undefined) return [];
        const isSame = before.get(key) === processOf(domain) && known?.state === 'loaded';
        if (isSame && !allPaths) return [];
        const reading = partOf(this.libvirt.holdings(domain, signal));
        return [reading.then((part) => [key, part] as const)];
      }),
    );
    const kept = [...this.#holdings, ...anew].filter(([key]) => domains.has(key));
    const holdings = new Map(kept);
    const isAsBefore = isDeepStrictEqual([overview, holdings], [this.#overview, this.#holdings]);
    this.#overview = overview;
    this.#holdings = holdings;
    if (!isAsBefore) this.#tell();
  }

  #tell(): void {
    if (!this.#ended.signal.aborted) this.onChange();
  }
}

function domainsOf(overview: Part<LibvirtOverview>): LibvirtDomainOverview[] {
  return overview?.state === 'loaded' ? overview.value.flatMap(({ domains }) => domains) : [];
}

function keyOf({ uuid, connection }: LibvirtDomainOverview): string {
  return holdingsKey(uuid, connection);
}

/** What decides a domain's paths. */
function processOf({ instance }: LibvirtDomainOverview): string | undefined {
  return instance && `${instance.process.pid} ${instance.process.startTime}`;
}
