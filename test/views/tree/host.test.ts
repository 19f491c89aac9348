import assert from 'node:assert/strict';
import { SidestepError } from '../../../src/engine/errors';
import type { Emulator } from '../../../src/qemu/emulator';
import { emulator100, emulator72 } from '../../engine/plan/fixture';
import {
  domain,
  instance,
  loaded,
  localHost,
  migrationOf,
  only,
  overview,
  rows,
  sshHost,
  startedAt,
  trace,
  tree,
} from './fixture';

const lost = new SidestepError('DISCONNECTED', 'The connection to lab is gone.', {
  hint: 'See whether the host is up.',
});

describe('the tree of a host', () => {
  for (const [status, expected, context] of [
    [
      { state: 'disconnected' },
      ['lab | not connected · root@lab:22', '  Not connected. Click to connect.'],
      'host ssh disconnected',
    ],
    [
      { state: 'connecting' },
      ['lab | connecting · root@lab:22', '  Connecting…'],
      'host ssh connecting',
    ],
    [
      { state: 'reconnecting', attempt: 2, error: lost },
      ['lab | connection lost, try 2 · root@lab:22', '  The connection to lab is gone.'],
      'host ssh reconnecting',
    ],
    [
      { state: 'failed', error: lost },
      ['lab | failed · root@lab:22', '  The connection to lab is gone.'],
      'host ssh failed',
    ],
  ] as const) {
    it(`says that it is ${status.state}`, () => {
      const host = tree(sshHost(status));
      assert.deepEqual(rows(host), expected);
      assert.equal(host.look.contextValue, context);
    });
  }

  it('is read when it is opened', () => {
    assert.deepEqual(rows(tree(localHost())), ['This machine …']);
  });

  it('says why it could not be read, and a click reads it again', () => {
    const host = tree(localHost(), { overview: { state: 'failed', error: lost } });
    const { look } = only(host, 'note');
    assert.equal(look.label, 'The connection to lab is gone.');
    assert.match(look.tooltip, /See whether the host is up\.\nClick to try again\./);
    assert.equal(look.command?.id, 'sidestep.refresh');
    assert.equal(look.command.node, host.node);
  });

  it('invites to connect by a click', () => {
    const { command } = only(tree(sshHost({ state: 'disconnected' })), 'note').look;
    assert.deepEqual(
      [command?.id, command?.node],
      ['sidestep.connect', { kind: 'host', hostId: 'lab' }],
    );
  });

  it('has domains with their instances, emulators and traces', () => {
    const shown = tree(
      localHost(),
      overview([domain('devbox')], [trace('20261123T081502Z-devbox-6')]),
    );
    assert.deepEqual(rows(shown), [
      'This machine | 1 domain',
      '  devbox | running · QEMU 7.2.22',
      '    Instance #7 | pid 1007 · since 08:14 …',
      '  Emulators …',
      '  Recent traces | 1',
      '    devbox | 08:15 · 33.2 KiB',
    ]);
  });

  it('says what to do where nothing is', () => {
    assert.deepEqual(rows(tree(localHost(), { ...overview([]), emulators: loaded([]) })).slice(1), [
      '  No domains. Start one, or adopt a QEMU that runs.',
      '  Emulators | 0',
      '    No qemu-system-* is on the PATH of this host.',
      '  Recent traces | 0',
      '    No migration has left a trace yet.',
    ]);
  });

  it('shows both instances while a domain is migrated', () => {
    const tracePath = trace('20261123T081502Z-devbox-7').path;
    const moving = domain('devbox', {
      state: 'migrating',
      instances: [instance(7), instance(8, { role: 'target', version: '10.0.13' })],
      migration: { ...migrationOf('own'), tracePath },
    });
    const shown = tree(localHost(), overview([moving], [trace('20261123T081502Z-devbox-7')]));
    assert.deepEqual(rows(shown).slice(1), [
      '  devbox | migrating · 7.2.22 → 10.0.13',
      '    Instance #7 | source · pid 1007 · since 08:14 …',
      '    Instance #8 | target · pid 1008 · since 08:14 …',
      '  Emulators …',
      '  Recent traces | 1',
      '    devbox | 08:15 · under way',
    ]);
    assert.equal(only(shown, 'trace').look.contextValue, 'trace unfinished');
  });

  for (const [client, row, spoken] of [
    ['other', 'migrating by another client · Perform · 37 %', 'by another client'],
    ['gone', 'migration left behind · Perform · 37 %', 'left behind'],
  ] as const) {
    it(`tells how far a migration is whose client is ${client}`, () => {
      const migration = migrationOf(client, {
        ...{ phase: 'perform', phaseNumber: 3, step: 'await-completion', mode: 'precopy' },
        ram: { percent: 37, total: 1024 ** 3, mbps: 800, pass: 2 },
      });
      const instances = [instance(7), instance(8, { role: 'target' })];
      const moving = domain('devbox', { state: 'migrating', instances, migration });
      const { look } = only(tree(localHost(), overview([moving])), 'domain');
      assert.equal(look.description, row);
      assert.match(look.tooltip, /\nStep: await-completion · precopy · 37 % of 1\.00 GiB · /);
      assert.ok(look.accessibilityLabel.includes(spoken), look.accessibilityLabel);
      assert.equal(look.contextValue, 'domain migrating own');
    });
  }

  for (const [state, words, context] of [
    ['running', 'running', 'domain running own'],
    ['paused', 'paused', 'domain paused own'],
    ['guest-panicked', 'guest-panicked', 'domain guest_panicked own'],
    ['gone', 'its process has ended', 'domain gone own'],
    ['busy', 'its monitor is taken', 'domain busy own'],
    ['of a newer QEMU', 'of a newer QEMU', 'domain of_a_newer_QEMU own'],
  ] as const) {
    it(`tells a domain that is ${state}`, () => {
      const { look } = only(tree(localHost(), overview([domain('devbox', { state })])), 'domain');
      assert.ok(look.description.startsWith(`${words} · `), look.description);
      assert.equal(look.contextValue, context);
      assert.ok(look.accessibilityLabel.startsWith(`Domain devbox, ${words}`));
    });
  }

  it('says in the tooltip and to a screen reader what a row has no room for', () => {
    const shown = tree(localHost(), overview([domain('devbox')]));
    const { tooltip, accessibilityLabel } = only(shown, 'domain').look;
    assert.match(tooltip, /\nQEMU 7\.2\.22\nRun by Sidestep$/);
    assert.match(accessibilityLabel, /, Run by Sidestep$/);
    assert.match(only(shown, 'instance').look.tooltip, /\npid 1007 · since 2026-11-23 08:14$/);
  });

  it('says why the last migration of a domain came to nothing, until one is under way', () => {
    const lastFailure = {
      ...{ at: startedAt, code: 'RAM_SIZE_DIFFERS', trace: '/t' },
      ...{ message: 'RAM has another size.', hint: 'Give both the same -m.' },
    };
    const failed = only(tree(localHost(), overview([domain('web', { lastFailure })])), 'domain');
    assert.match(failed.look.description, /^running · .* · not migrated: RAM_SIZE_DIFFERS$/);
    const told = /another size\. Give both the same -m\. \[RAM_SIZE_DIFFERS\]/;
    assert.match(failed.look.tooltip, told);
    assert.match(failed.look.accessibilityLabel, told);
    const migration = migrationOf('own');
    const again = domain('web', { lastFailure, migration, state: 'migrating' });
    const { look } = only(tree(localHost(), overview([again])), 'domain');
    assert.doesNotMatch(look.description, /RAM_SIZE/);
  });

  it('tells an instance that has ended', () => {
    const ended = instance(7, { alive: false, startedAt: undefined });
    const { look } = only(
      tree(localHost(), overview([domain('a', { instances: [ended] })])),
      'instance',
    );
    assert.equal(look.description, 'its process has ended · pid 1007');
    assert.equal(look.contextValue, 'instance source gone');
  });

  it('keeps a domain in its place when a migration gives it another id', () => {
    const domains = ['vm10', 'vm2', 'a'].map((name) => {
      const of = domain(name);
      return { ...of, domain: { ...of.domain, uuid: name } };
    });
    const shown = rows(tree(localHost(), overview(domains))).filter((row) =>
      /\| running/.test(row),
    );
    assert.deepEqual(
      shown.map((row) => row.trim().split(' ')[0]),
      ['a', 'vm2', 'vm10'],
    );
  });

  it('says what each emulator can do', () => {
    const found = (emulator: Emulator) => ({ path: emulator.path, emulator });
    const emulators = loaded([
      found(emulator72),
      found(emulator100),
      {
        path: '/opt/qemu',
        error: new SidestepError('EMULATOR_FAILS', '/opt/qemu does not answer.'),
      },
    ]);
    const shown = rows(tree(localHost(), { ...overview([]), emulators }));
    assert.deepEqual(shown.slice(2, 6), [
      '  Emulators | 3',
      '    qemu-system-x86_64 | QEMU 7.2.22 · ignore-shared, precopy · /opt/qemu-7.2.22/bin',
      '    qemu-system-x86_64 | QEMU 10.0.13 · cpr-transfer, ignore-shared, precopy · /opt/qemu-10.0.13/bin',
      '    qemu | does not answer · /opt',
    ]);
  });
});
