/** The owner of a domain ends it, or has other plans with it, while it is upgraded. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { promisify } from 'node:util';
import type { BeforeStep } from '../../src/engine/migration/step-runner';
import { libvirtUser } from './support/bench';
import type { LibvirtDomain } from './support/domain';
import { room } from './support/room';
import { uri, Upgrades } from './support/upgrades';
import { virsh } from './support/virsh';

/** So that even a guest whose RAM is empty is on its way until something is done about it. */
const slow = { 'max-bandwidth': 16 * 1024 };

const slowDown = (domain: LibvirtDomain) => domain.qmp('migrate-set-parameters', slow);

/** What is done before a step of either hop, by its name; each once. */
function at(deeds: Readonly<Record<string, () => Promise<unknown>>>): { beforeStep: BeforeStep } {
  const left = new Map(Object.entries(deeds));
  return {
    beforeStep: async (phase, step) => {
      const point = `${phase}/${step}`;
      const deed = left.get(point);
      left.delete(point);
      await deed?.();
    },
  };
}

/** While a guest with its RAM in no file is on its way from libvirt. */
function onItsWay(domain: LibvirtDomain, deed: () => Promise<unknown>) {
  return at({
    'perform/migrate': () => slowDown(domain),
    'perform/await-completion': deed,
  });
}

describe(`a domain that ends on its way from libvirt: ${room.name}`, () => {
  const upgrades = Upgrades.forEachTest();
  const { bench } = upgrades;

  const destroy = (name: string) => virsh('destroy', name);
  const pressButton = (name: string) => virsh('shutdown', name);
  // It may be gone before it has answered.
  const quit = (name: string) =>
    virsh('qemu-monitor-command', name, '{"execute": "quit"}').catch(() => undefined);
  for (const [how, deed, point, words] of [
    ['its owner destroys it', destroy, 'prepare/connect-target', /was destroyed/],
    ['its owner destroys it', destroy, 'perform/await-completion', /was destroyed/],
    ['its guest shuts down', pressButton, 'perform/await-completion', /was shut down/],
    // To libvirt that may look like a crash.
    [
      'its QEMU is told to quit',
      quit,
      'perform/configure-source',
      /was shut down|was ended at its monitor|has crashed/,
    ],
  ] as const) {
    it(`${how} before "${point}": it is told so, and nothing is left`, async () => {
      const domain = await bench.domain({ guest: 'button' });
      const options = at({
        'perform/migrate': () => slowDown(domain).catch(() => undefined),
        [point]: () => deed(domain.name),
      });
      const { outcome, error } = await upgrades.upgrade(domain, { mode: 'precopy' }, options);
      assert.equal(outcome, 'lost');
      assert.equal(error?.code, 'DOMAIN_ENDED');
      assert.match(String(error), words);
      await upgrades.hasEnded(domain);
    });
  }

  it('a transient one is gone', async () => {
    const domain = await bench.domain({ guest: 'button', transient: true });
    const options = onItsWay(domain, () => domain.destroy());
    const { outcome, error } = await upgrades.upgrade(domain, { mode: 'precopy' }, options);
    assert.equal(outcome, 'lost');
    assert.equal(error?.code, 'DOMAIN_ENDED');
    await assert.rejects(domain.uuid());
  });

  it('destroyed once the guest has moved, it goes on', async () => {
    const domain = await bench.domain({ ram: 'file' });
    const options = at({ 'confirm/quit-source': () => domain.destroy() });
    const { outcome, error } = await upgrades.upgrade(domain, {}, options);
    assert.equal(error, undefined);
    assert.equal(outcome, 'moved');
    await upgrades.isLibvirts(domain);
  });
});

describe(`a domain that ends on its way back to libvirt: ${room.name}`, () => {
  const upgrades = Upgrades.forEachTest();
  const { bench } = upgrades;

  for (const point of ['perform/migrate', 'perform/await-completion']) {
    it(`libvirt's, destroyed by its owner before "${point}": Sidestep's goes on`, async () => {
      const domain = await upgrades.away();
      const { outcome, error } = await upgrades.handBack(
        domain,
        at({
          'perform/migrate': () => upgrades.command(domain, 'migrate-set-parameters', slow),
          [point]: () => domain.destroy(),
        }),
      );
      assert.equal(outcome, 'stayed');
      assert.equal(error?.code, 'RESTORE_FAILED');
      await upgrades.runsInEngine(domain);
      const again = await upgrades.handBack(domain);
      assert.equal(again.error, undefined);
      await upgrades.isLibvirts(domain);
    });
  }

  for (const [how, command, point, words] of [
    // Gone before it is listened to, it does not tell why.
    ['its guest shuts down', 'system_powerdown', 'begin/claim-domain', /has ended|was shut down/],
    ['its guest shuts down', 'system_powerdown', 'perform/await-completion', /was shut down/],
    ['its QEMU is told to quit', 'quit', 'prepare/await-reading', /was ended at its monitor/],
  ] as const) {
    it(`${how} before "${point}": it is told so, and nothing is left`, async () => {
      const domain = await bench.domain({ guest: 'button', ram: 'file' });
      const away = await upgrades.upgrade(domain, { stay: true });
      assert.equal(away.error, undefined);
      const options = at({
        'perform/migrate': () => upgrades.command(domain, 'migrate-set-parameters', slow),
        [point]: () => upgrades.command(domain, command).catch(() => undefined),
      });
      const { outcome, error } = await upgrades.handBack(domain, options);
      assert.equal(outcome, 'lost');
      assert.equal(error?.code, 'DOMAIN_ENDED');
      assert.match(String(error), words);
      await upgrades.hasEnded(domain);
    });
  }

  it('between the hops: libvirt starts it as ever, and it can be upgraded again', async () => {
    const domain = await bench.domain({ guest: 'button', ram: 'file' });
    const away = await upgrades.upgrade(domain, { stay: true });
    assert.equal(away.error, undefined);
    await upgrades.engine.stop(domain.name, 10_000);
    await upgrades.hasEnded(domain);
  });
});

describe(`another client of libvirt's at work on the domain: ${room.name}`, () => {
  const upgrades = Upgrades.forEachTest();
  const { bench } = upgrades;

  it('that saves it: an upgrade is refused with the reason', async () => {
    const domain = await bench.domain();
    const { pid } = await domain.process();
    const pipe = bench.path('save');
    await promisify(execFile)('mkfifo', [pipe]);
    // Whoever has it open to read does not do so.
    const holder = execFile('sh', ['-c', 'exec sleep 60 < "$1"', 'sh', pipe]);
    const saving = virsh('save', domain.name, pipe).catch(() => undefined);
    try {
      await jobOf(domain);
      const { outcome, error } = await upgrades.upgrade(domain);
      assert.equal(outcome, 'refused');
      assert.deepEqual(
        error?.details.findings?.map(({ code }) => code),
        ['LIBVIRT_JOB'],
      );
    } finally {
      holder.kill();
      await virsh('domjobabort', domain.name).catch(() => undefined);
      await saving;
    }
    await upgrades.isLibvirts(domain);
    assert.equal((await domain.process()).pid, pid);
  });

  it('that migrates it at its monitor: an upgrade is refused with the reason', async () => {
    const domain = await bench.domain();
    const before = await upgrades.look(domain);
    const sink = await neverRead(bench.path('sink.sock'));
    await domain.qmp('migrate', { uri: `unix:${bench.path('sink.sock')}` });
    try {
      const { outcome, error } = await upgrades.upgrade(domain);
      assert.equal(outcome, 'refused');
      assert.deepEqual(
        error?.details.findings?.map(({ code }) => code),
        ['MIGRATION_UNDER_WAY'],
      );
    } finally {
      await domain.qmp('migrate_cancel');
      sink.close();
    }
    await upgrades.isUntouched(domain, before);
  });

  it('that has saved it: there is nothing to upgrade, and libvirt goes on with it', async () => {
    const domain = await bench.domain();
    await virsh('managedsave', domain.name);
    const { outcome, error } = await upgrades.upgrade(domain);
    assert.equal(outcome, 'refused');
    assert.deepEqual(
      error?.details.findings?.map(({ code }) => code),
      ['RUN_STATE', 'MANAGED_SAVE'],
    );
    await virsh('start', domain.name);
    await domain.checkMemory();
  });

  for (const ram of ['anonymous', 'file'] as const) {
    it(`that saves it just before it leaves, with its RAM in ${ram}: libvirt has all of it`, async () => {
      const domain = await bench.domain({ ram });
      const { outcome, error } = await upgrades.upgrade(
        domain,
        {},
        at({ 'perform/migrate': () => virsh('managedsave', domain.name) }),
      );
      assert.equal(outcome, 'lost');
      assert.equal(error?.code, 'DOMAIN_ENDED');
      assert.match(String(error), /was saved/);
      await upgrades.knowsNothingOf(domain);
      await virsh('start', domain.name);
      await domain.goesOn();
      await domain.checkMemory();
    });
  }

  it('that wants to save it, or to migrate it, while it leaves: it moves all the same', async () => {
    const domain = await bench.domain();
    const elsewhere = JSON.stringify({ execute: 'migrate', arguments: { uri: 'tcp:127.0.0.1:1' } });
    const options = onItsWay(domain, async () => {
      assert.match(await virsh('domjobinfo', domain.name), /^Job type: +None/);
      await assert.rejects(virsh('managedsave', domain.name), /migration process in progress/);
      await assert.rejects(virsh('migrate', '--live', '--unsafe', domain.name, uri), /same host/);
      const said = await virsh('qemu-monitor-command', domain.name, elsewhere);
      assert.match(said, /migration process in progress/);
      await domain.qmp('migrate-set-parameters', { 'max-bandwidth': 1024 ** 4 });
    });
    const { outcome, error } = await upgrades.upgrade(domain, { mode: 'precopy' }, options);
    assert.equal(error, undefined);
    assert.equal(outcome, 'moved');
    await upgrades.isLibvirts(domain);
  });

  it('that cancels it at its monitor: it stays', async () => {
    const domain = await bench.domain();
    const before = await upgrades.look(domain);
    const options = onItsWay(domain, () => domain.qmp('migrate_cancel'));
    const { outcome, error } = await upgrades.upgrade(domain, { mode: 'precopy' }, options);
    assert.equal(outcome, 'stayed');
    // At times QEMU itself tells it as a failure.
    assert.match(error?.code ?? '', /^(CANCELLED_ELSEWHERE|CHANNEL_CUT)$/);
    await upgrades.isUntouched(domain, before);
  });
});

/** Resolves once libvirt is at work on it. */
async function jobOf(domain: LibvirtDomain): Promise<void> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const said = await virsh('domjobinfo', domain.name).catch(() => '');
    if (said !== '' && !/Job type: +None/.test(said)) return;
    assert.ok(Date.now() < deadline, 'libvirt has not begun');
  }
}

/** Takes what a QEMU of libvirt's sends, and lets it wait. */
async function neverRead(path: string): Promise<{ close(): void }> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    socket.pause();
    sockets.push(socket);
  });
  server.listen(path);
  await once(server, 'listening');
  await promisify(execFile)('chown', [String(libvirtUser), path]);
  return {
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
