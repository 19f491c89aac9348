/** The engine beside a room's libvirt: upgrades that may fail, and where the guest is afterwards. */
import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { Engine } from '../../../src/engine/engine';
import { asSidestepError, type SidestepError } from '../../../src/engine/errors';
import type { HandbackReport } from '../../../src/engine/handback/hand-back';
import type {
  HandbackWish,
  UpgradeReport,
  UpgradeRequest,
} from '../../../src/engine/libvirt/upgrade';
import type { MigrateOptions } from '../../../src/engine/migration/migrate';
import type { Outcome, TraceRecord } from '../../../src/engine/trace/record';
import type { Host } from '../../../src/host/host';
import type { ProcessFacts } from '../../../src/host/process';
import { eventually } from '../../support/eventually';
import { checkRunning, type RunningOptions } from '../../support/invariant';
import { LibvirtBench } from './bench';
import type { LibvirtDomain } from './domain';
import { virsh } from './virsh';

export const uri = 'qemu:///system';

/** How an upgrade, a hand-back or a recovery went. */
export interface Went<Report> {
  readonly outcome: Outcome;
  readonly report: Report | undefined;
  readonly error: SidestepError | undefined;
  readonly records: readonly TraceRecord[];
}

export interface WatchOptions extends MigrateOptions, Pick<RunningOptions, 'switchoverMs'> {
  /** Whether libvirt is there all the while to tell of its QEMUs' events. */
  readonly hearsAll?: boolean;
}

/** What a move leaves to the domain. */
export interface Lasting {
  /** Its sockets; by default so. */
  readonly sockets?: boolean;
}

/** A domain as it was before. */
export interface Untouched {
  readonly process: ProcessFacts;
  readonly definition: string;
  readonly settings: unknown;
}

export class Upgrades {
  readonly bench = new LibvirtBench();
  engine!: Engine;
  /** The engine's, if not the bench's. */
  #host: Host | undefined;

  constructor(private readonly openHost?: () => Promise<Host>) {}

  /** @param openHost the way to this machine that the engine has, if not as such */
  static forEachTest(openHost?: () => Promise<Host>): Upgrades {
    const upgrades = new Upgrades(openHost);
    beforeEach(() => upgrades.open());
    afterEach(() => upgrades.close());
    return upgrades;
  }

  get stateFolder(): string {
    return this.bench.path('state');
  }

  upgrade(
    domain: LibvirtDomain,
    request: Partial<UpgradeRequest> = {},
    options: WatchOptions = {},
  ): Promise<Went<UpgradeReport>> {
    return watched(options, (watching) =>
      this.engine.upgrade(
        { uri, domain: domain.name },
        { mode: 'auto', stay: false, ...request },
        watching,
      ),
    );
  }

  handBack(
    domain: LibvirtDomain,
    options: WatchOptions = {},
    wish: HandbackWish = {},
  ): Promise<Went<HandbackReport>> {
    return watched(options, (watching) => this.engine.handBack(domain.name, watching, wish));
  }

  /** A domain that has left libvirt, with addresses that libvirt wants for it again. */
  async away(): Promise<LibvirtDomain> {
    const domain = await this.bench.domain({ ram: 'file', serials: ['file', 'tcp'] });
    const { error } = await this.upgrade(domain, { stay: true });
    assert.equal(error, undefined);
    return domain;
  }

  /** libvirt runs it, and the engine knows nothing of it. */
  async isLibvirts(domain: LibvirtDomain): Promise<void> {
    assert.equal(await domain.state(), 'running');
    await domain.goesOn();
    await domain.checkSteps();
    await this.knowsNothingOf(domain);
    await domain.checkMemory();
  }

  /** How a domain that is only libvirt's is, to be compared with how it is later. */
  async look(domain: LibvirtDomain): Promise<Untouched> {
    return {
      process: await domain.process(),
      definition: await domain.xml('--inactive'),
      settings: await migrationSettings(domain),
    };
  }

  /** It runs in the same QEMU, as it was set up, and the engine knows nothing of it. */
  async isUntouched(domain: LibvirtDomain, before: Untouched): Promise<void> {
    assert.equal(await domain.state(), 'running');
    await domain.goesOn();
    await domain.checkSteps();
    const { process, definition, settings } = await this.look(domain);
    assert.equal(process.pid, before.process.pid);
    assert.equal(definition, before.definition);
    assert.deepEqual(settings, before.settings);
    await this.knowsNothingOf(domain);
    await domain.checkMemory();
  }

  /** It runs in an instance of the engine's, at its addresses, and libvirt runs it no more. */
  async runsInEngine(domain: LibvirtDomain, { sockets = true }: Lasting = {}): Promise<void> {
    if (sockets) await domain.hasSockets();
    const { domains } = await this.engine.overview();
    const listed = domains.find((each) => each.domain.name === domain.name);
    assert.deepEqual(
      listed?.instances.map(({ table, alive }) => ({ table, alive })),
      [{ table: 'source', alive: true }],
    );
    assert.equal(listed.state, 'running');
    await domain.isShutOff();
    await domain.goesOn();
    await domain.checkSteps();
  }

  /** A command of the user's own, at the monitor that an instance of the engine's has for that. */
  async command(domain: LibvirtDomain, execute: string, args?: object): Promise<void> {
    const console = await this.engine.openConsole(domain.name);
    await console.execute(execute, args);
    console.dispose();
  }

  /** Nobody runs it, nobody knows anything of it but libvirt, and it starts as ever. */
  async hasEnded(domain: LibvirtDomain): Promise<void> {
    await domain.isShutOff();
    await this.knowsNothingOf(domain);
    await virsh('start', domain.name);
    await domain.goesOn();
  }

  /** Nothing of it is left in the state folder. */
  async knowsNothingOf(domain: LibvirtDomain): Promise<void> {
    const uuid = await domain.uuid();
    for (const name of ['domains', 'claims', 'guests']) {
      const names: string[] = await readdir(this.bench.path('state', name)).catch(() => []);
      assert.ok(!names.includes(uuid), `${name}/${uuid} is left`);
    }
    const { tables } = await this.engine.state.read();
    assert.deepEqual(
      tables.instances.filter((each) => each.uuid === uuid),
      [],
      'instances are left',
    );
  }

  async open(): Promise<void> {
    await this.bench.open();
    await this.#connect();
  }

  /** Goes on with another connection, where the one before was lost and its end there has noticed. */
  async reconnect(): Promise<void> {
    await this.#host?.dispose();
    await this.#connect();
    const { state } = this.engine;
    for (const name of await readdir(state.claimsFolder))
      await eventually(async () => !(await state.isClaimed(name)));
  }

  async #connect(): Promise<void> {
    this.#host = await this.openHost?.();
    this.engine = await Engine.open(this.#host ?? this.bench.host, this.stateFolder);
  }

  /** Ends the engine's domains. */
  async close(): Promise<void> {
    for (const { domain } of (await this.engine.overview()).domains) {
      await this.engine.destroy(domain.uuid);
    }
    for (const name of ['domains', 'instances', 'claims', 'guests']) {
      const names: string[] = await readdir(this.bench.path('state', name)).catch(() => []);
      assert.deepEqual(names, [], name);
    }
    await this.engine.close();
    await this.#host?.dispose();
    await this.bench.close();
  }
}

/** Runs it, and holds what was recorded against the invariant. */
async function watched<Report>(
  { hearsAll = true, switchoverMs, ...options }: WatchOptions,
  run: (options: MigrateOptions) => Promise<Report>,
): Promise<Went<Report>> {
  const records: TraceRecord[] = [];
  const onRecord = (record: TraceRecord) => {
    records.push(record);
    options.onRecord?.(record);
  };
  const went = await run({ ...options, onRecord }).then(
    (report) => ({ outcome: 'moved' as const, report, error: undefined }),
    (thrown: unknown) => {
      const error = asSidestepError(thrown);
      const { outcome } = error.details;
      assert.ok(outcome !== undefined, `an error without an outcome: ${String(error.stack)}`);
      return { outcome, report: undefined, error };
    },
  );
  const runsOn = ['moved', 'stayed', 'refused'].includes(went.outcome);
  const running = { runsOn, ...(switchoverMs !== undefined && { switchoverMs }) };
  // Events of libvirt's QEMUs are lost while their libvirt is away; what the guest prints never is.
  if (hearsAll) checkRunning(records, running);
  return { ...went, records };
}

/** What a migration sets at its source. */
async function migrationSettings(domain: LibvirtDomain): Promise<unknown> {
  return [
    await domain.qmp('query-migrate-capabilities'),
    await domain.qmp('query-migrate-parameters'),
  ];
}
