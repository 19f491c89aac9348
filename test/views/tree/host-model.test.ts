import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { DomainHoldings } from '../../../src/engine/inventory/holdings';
import type { LibvirtDomainOverview } from '../../../src/engine/inventory/libvirt-overview';
import type { HostOverview } from '../../../src/engine/inventory/overview';
import type { TraceFile } from '../../../src/engine/inventory/traces';
import { notBegun, type MigrationProgress } from '../../../src/engine/trace/progress';
import { HostModel, type ReadableEngine } from '../../../src/views/tree/host-model';
import type { ReadableLibvirt } from '../../../src/views/tree/libvirt-model';
import { libvirtDomains } from '../../../src/views/tree/host';
import {
  domain,
  instance,
  libvirts,
  migrationOf,
  noLibvirt,
  shutOff,
  trace,
  uuid,
} from './fixture';

/** More than a burst of changes is waited for, in ms. */
const quietMs = 250;

describe('what is read of a host', () => {
  it('is read once, whoever asks', async () => {
    const { engine, model } = setUp();
    await Promise.all([model.read('overview'), model.read('overview')]);
    await model.read('overview');
    assert.deepEqual(engine.asked, ['overview']);
    model.dispose();
  });

  it('is nothing before it is asked for, also when changes are told', async () => {
    const { engine, model } = setUp();
    engine.change();
    await delay(quietMs);
    assert.deepEqual(engine.asked, []);
    assert.equal(engine.watchers, 0);
    model.dispose();
  });

  it('is one overview for a burst of changes', async () => {
    const { engine, model, changed } = setUp();
    await model.read('overview');
    const told = changed();
    for (let count = 0; count < 50; count++) engine.change();
    await told;
    await delay(quietMs);
    assert.deepEqual(engine.asked, ['overview', 'overview']);
    model.dispose();
  });

  it('is read once more for a change during the reading', async () => {
    const { engine, model, changed } = setUp();
    await model.read('overview');
    const answer = engine.hold();
    const told = changed();
    engine.change();
    await delay(quietMs);
    engine.change();
    await delay(quietMs);
    assert.equal(engine.asked.length, 2);
    answer();
    await told;
    await changed();
    assert.equal(engine.asked.length, 3);
    model.dispose();
  });

  it('waits until somebody looks', async () => {
    const { engine, model, changed } = setUp();
    await model.read('overview');
    model.isSeen = false;
    engine.change();
    await delay(quietMs);
    assert.equal(engine.asked.length, 1);
    const told = changed();
    model.isSeen = true;
    await told;
    assert.equal(engine.asked.length, 2);
    model.dispose();
  });

  it('is read once more where a monitor was taken, until it is free', async () => {
    const { engine, model, changed, overview } = setUp();
    engine.overviewNow = { domains: [domain('devbox', { state: 'busy' })], traces: [] };
    await model.read('overview');
    engine.overviewNow = { domains: [domain('devbox')], traces: [] };
    const state = () => {
      const content = overview();
      return content?.state === 'loaded' ? content.value.domains[0]?.state : undefined;
    };
    while (state() !== 'running') await changed();
    model.dispose();
  });

  it('keeps the paths of a domain as long as its instances are the same', async () => {
    const { engine, model, changed } = setUp();
    await model.read('overview');
    await model.read({ holdings: uuid });
    const told = changed();
    engine.overviewNow = { domains: [domain('devbox', { state: 'paused' })], traces: [] };
    engine.change();
    await told;
    assert.deepEqual(engine.asked, ['overview', 'holdings', 'overview']);
    assert.equal(model.content.holdings.get(uuid)?.state, 'loaded');
    model.dispose();
  });

  it('has the new paths with the new instances, at once', async () => {
    const { engine, model, changes } = setUp();
    await model.read('overview');
    await model.read({ holdings: uuid });
    const before = changes();
    engine.overviewNow = { domains: [domain('devbox', { instances: [instance(8)] })], traces: [] };
    await model.refresh();
    assert.equal(changes(), before + 1);
    const part = model.content.holdings.get(uuid);
    assert.ok(part?.state === 'loaded');
    assert.deepEqual(
      part.value.instances.map(({ id }) => id),
      [8],
    );
    model.dispose();
  });

  it('has the sizes of traces that were opened, when there is another', async () => {
    const { engine, model, changed } = setUp();
    await model.read('overview');
    await model.read('traces');
    engine.overviewNow = { ...engine.overviewNow, traces: [trace('20261123T081502Z-devbox-6')] };
    const told = changed();
    engine.change();
    await told;
    assert.deepEqual(engine.asked, ['overview', 'traces', 'overview', 'traces']);
    model.dispose();
  });

  it('forgets the paths of a domain that has gone', async () => {
    const { engine, model } = setUp();
    await model.read('overview');
    await model.read({ holdings: uuid });
    engine.overviewNow = { domains: [], traces: [] };
    await model.refresh();
    assert.equal(model.content.holdings.size, 0);
    model.dispose();
  });

  it('holds a failure, until it is read anew', async () => {
    const { engine, model, overview } = setUp();
    const failure = new Error('no');
    engine.failure = failure;
    await model.read('overview');
    assert.deepEqual(overview(), { state: 'failed', error: failure });
    engine.failure = undefined;
    await model.refresh();
    assert.equal(overview()?.state, 'loaded');
    model.dispose();
  });

  it('is cancelled at the end, and told to nobody', async () => {
    const { engine, model, changes } = setUp();
    await model.read('overview');
    const before = changes();
    const answer = engine.hold();
    const reading = model.refresh();
    await delay(1);
    model.dispose();
    assert.equal(engine.isCancelled, true);
    assert.equal(engine.watchers, 0);
    answer();
    await reading;
    assert.equal(changes(), before);
  });
});

describe('a domain that goes back to libvirt', () => {
  it('is never shown as libvirt told of it while it was away', async () => {
    const { engine, model, changed } = setUp();
    const lent = domain('devbox');
    const origin = { uri: 'qemu:///system', xml: '<domain/>' };
    engine.overviewNow = {
      domains: [{ ...lent, domain: { ...lent.domain, libvirt: origin } }],
      traces: [],
    };
    engine.libvirtNow = [libvirts('devbox', shutOff)];
    await Promise.all([changed(), model.read('overview')]);
    engine.overviewNow = { domains: [], traces: [] };
    engine.libvirtNow = [libvirts('devbox')];
    engine.change();
    const shown = () => libvirtDomains(model.content).map(({ state }) => state);
    while (shown().length === 0) await changed();
    assert.deepEqual(shown(), ['running']);
    model.dispose();
  });
});

describe('the migration of another client', () => {
  const tracePath = '/traces/t';
  const moving = (client: 'own' | 'other' | 'gone'): HostOverview => ({
    domains: [
      domain('devbox', { state: 'migrating', migration: { ...migrationOf(client), tracePath } }),
    ],
    traces: [],
  });

  it('is followed as long as it is under way, and told as it goes', async () => {
    const { engine, model, changed, overview } = setUp();
    engine.overviewNow = moving('other');
    await model.read('overview');
    const told = changed();
    engine.followers.get(tracePath)?.({ ...notBegun, phase: 'perform' });
    await told;
    const content = overview();
    assert.ok(content?.state === 'loaded');
    assert.equal(content.value.domains[0]?.migration?.progress.phase, 'perform');

    engine.overviewNow = { domains: [domain('devbox')], traces: [] };
    await model.refresh();
    assert.equal(engine.followers.size, 0);
    model.dispose();
  });

  it('is not followed while nobody looks', async () => {
    const { engine, model } = setUp();
    engine.overviewNow = moving('other');
    await model.read('overview');
    assert.equal(engine.followers.size, 1);
    model.isSeen = false;
    assert.equal(engine.followers.size, 0);
    model.isSeen = true;
    assert.equal(engine.followers.size, 1);
    model.dispose();
    assert.equal(engine.followers.size, 0);
  });

  it('is followed only where its client lives, and is not ours', async () => {
    for (const client of ['own', 'gone'] as const) {
      const { engine, model } = setUp();
      engine.overviewNow = moving(client);
      await model.read('overview');
      assert.equal(engine.followers.size, 0);
      model.dispose();
    }
  });
});

function setUp() {
  const engine = new FakeEngine();
  const events = new EventEmitter();
  let count = 0;
  const model = new HostModel(engine, () => {
    count++;
    events.emit('change');
  });
  model.isSeen = true;
  return {
    engine,
    model,
    changes: () => count,
    changed: () => once(events, 'change'),
    overview: () => model.content.overview,
  };
}

class FakeEngine implements ReadableEngine {
  libvirtNow: readonly LibvirtDomainOverview[] = [];
  readonly libvirt: ReadableLibvirt = {
    ...noLibvirt,
    overview: () =>
      Promise.resolve([{ uri: 'qemu:///system', domains: this.libvirtNow, error: undefined }]),
  };
  readonly asked: string[] = [];
  readonly #events = new EventEmitter();
  #held: Promise<unknown> | undefined;
  overviewNow: HostOverview = { domains: [domain('devbox')], traces: [] };
  failure: Error | undefined;
  #signal: AbortSignal | undefined;

  /** Whether what was asked last is not wanted any more. */
  get isCancelled(): boolean | undefined {
    return this.#signal?.aborted;
  }

  get watchers(): number {
    return this.#events.listenerCount('change');
  }

  change(): void {
    this.#events.emit('change');
  }

  /** The next answers wait until the function is called. */
  hold(): () => void {
    const events = new EventEmitter();
    this.#held = once(events, 'release');
    return () => {
      this.#held = undefined;
      events.emit('release');
    };
  }

  async overview(signal?: AbortSignal): Promise<HostOverview> {
    await this.#answer('overview', signal);
    return this.overviewNow;
  }

  async holdings(_: string, signal?: AbortSignal): Promise<DomainHoldings> {
    await this.#answer('holdings', signal);
    const [first] = this.overviewNow.domains;
    assert.ok(first !== undefined);
    return {
      domain: first.domain,
      instances: first.instances.map(({ instance: { id }, role, table }) => ({
        ...{ id, role, table, folder: '', monitor: '', resources: [] },
        ...{ console: undefined, output: undefined },
      })),
    };
  }

  async traces(signal?: AbortSignal): Promise<TraceFile[]> {
    await this.#answer('traces', signal);
    return this.overviewNow.traces.map((trace) => ({ ...trace, size: 1 }));
  }

  async emulatorsFound(signal?: AbortSignal): Promise<[]> {
    await this.#answer('emulators', signal);
    return [];
  }

  watch(onChange: () => void) {
    this.#events.on('change', onChange);
    return { dispose: () => this.#events.off('change', onChange) };
  }

  /** Of each migration that is followed, what hears how far it is. */
  readonly followers = new Map<string, (progress: MigrationProgress) => void>();

  followMigration(path: string, onProgress: (progress: MigrationProgress) => void) {
    this.followers.set(path, onProgress);
    return { dispose: () => this.followers.delete(path) };
  }

  async #answer(what: string, signal: AbortSignal | undefined): Promise<void> {
    this.asked.push(what);
    this.#signal = signal;
    await this.#held;
    if (this.failure !== undefined) throw this.failure;
  }
}
