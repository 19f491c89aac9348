import assert from 'node:assert/strict';
import type { Holding } from '../../../src/engine/inventory/holdings';
import { domain, holdingsOf, localHost, all, overview, rows, tree, uuid } from './fixture';

describe('the paths of an instance', () => {
  it('are grouped, each with what a migration would do to it', () => {
    const shown = pathsOf([
      { kind: 'chardev', option: '-chardev', address: '/vms/console.sock', action: 'take-back' },
      { kind: 'chardev', option: '-serial', address: '/vms/serial.log', action: 'share' },
      { kind: 'pidfile', option: '-pidfile', address: '/vms/vm.pid', action: 'unique' },
      { kind: 'ram', option: '-object', address: '/dev/shm/ram', action: 'share' },
      { kind: 'disk', option: '-drive', address: '/vms/disk.qcow2', action: 'share' },
      { kind: 'firmware', option: '-drive', address: '/usr/share/OVMF.fd', action: 'share' },
      { kind: 'network', option: '-netdev', address: 'tcp::2222-:22', action: 'take-back' },
      { kind: 'display', option: '-vnc', address: '127.0.0.1:5901', action: 'take-back' },
      { kind: 'device', option: '-device', address: '0000:00:02.0', action: 'refuse' },
    ]);
    assert.deepEqual(shown, [
      'Monitors | 2',
      '  qmp.sock | unique · /run/sidestep/instances/7',
      '  console.sock | unique · /run/sidestep/instances/7',
      'Character devices | 2',
      '  console.sock | given back · /vms',
      '  serial.log | shared · /vms',
      'Logs | 2',
      '  qemu.out | unique · /run/sidestep/instances/7',
      '  vm.pid | unique · /vms',
      'RAM | 1',
      '  ram | shared · /dev/shm',
      'Disks | 1',
      '  disk.qcow2 | shared · /vms',
      'Firmware | 1',
      '  OVMF.fd | shared · /usr/share',
      'Network | 1',
      '  tcp::2222-:22 | given back',
      'Display | 1',
      '  127.0.0.1:5901 | given back',
      'Other | 1',
      '  0000:00:02.0 | refused',
    ]);
  });

  it('are told apart by what comes behind the UUID of their domain', () => {
    const address = `/dev/shm/${uuid}-ram0`;
    const shown = branches([{ kind: 'ram', address, action: 'share' }]);
    const look = shown.find(({ node }) => node.kind === 'path' && node.address === address)?.look;
    assert.equal(look?.label, '6c8b…-ram0');
    assert.match(look.tooltip, new RegExp(`^${address}\n`));
    assert.match(look.accessibilityLabel, new RegExp(`^${uuid}-ram0, shared, `));
  });

  for (const [holding, context] of [
    [['log', '/vms/qemu.log', 'unique'], 'path file unique logs'],
    [['chardev', '/vms/serial.log', 'share'], 'path file shared chardevs'],
    [['chardev', '/vms/serial.sock', 'take-back'], 'path socket taken-back chardevs'],
    [['chardev', '/dev/pts/3', 'refuse'], 'path other refused chardevs'],
    [['monitor', '127.0.0.1:4444', 'unique'], 'path address unique monitors'],
    [['network', 'tcp::2222-:22', 'take-back'], 'path address taken-back network'],
    [['disk', '/vms/disk.qcow2', 'share'], 'path file shared disks'],
    [['disk', '/dev/vg/lv', 'share'], 'path other shared disks'],
    [['ram', '/dev/shm/ram', 'share'], 'path file shared ram'],
    [['disk', 'nbd:unix:/run/nbd.sock', 'share'], 'path other shared disks'],
    [['network', 'tap0', 'drop'], 'path other left-out network'],
  ] as const) {
    it(`has a menu for what ${holding.join(' ')} is`, () => {
      const [kind, address, action] = holding;
      const paths = branches([{ kind, address, action }]);
      const one = paths.find(({ node }) => node.kind === 'path' && node.address === address);
      assert.equal(one?.look.contextValue, context);
    });
  }

  it('tell option, reason and what the target has in their place', () => {
    const path = branches([
      {
        ...{ kind: 'pidfile', option: '-pidfile', address: '/vms/vm.pid', action: 'unique' },
        ...{ reason: 'QEMU would overwrite it.', target: '/run/sidestep/instances/8/vm.pid' },
      },
    ]).find(({ look }) => look.label === 'vm.pid');
    assert.equal(
      path?.look.tooltip,
      [
        '/vms/vm.pid',
        'Named by: -pidfile',
        'unique · the target gets its own',
        'QEMU would overwrite it.',
        'At the target: /run/sidestep/instances/8/vm.pid',
      ].join('\n'),
    );
  });

  it('have a short name, and are whole for commands', () => {
    const address = `/home/developer/${'x'.repeat(90)}/disk.qcow2`;
    const path = branches([{ kind: 'disk', address }]).find(
      ({ look }) => look.label === 'disk.qcow2',
    );
    assert.ok(path?.node.kind === 'path');
    assert.equal(path.node.address, address);
  });

  it('name a path once that the same option names twice', () => {
    const twice = { kind: 'disk', option: '-drive', address: '/vms/disk.qcow2' } as const;
    assert.deepEqual(pathsOf([twice, twice]).slice(-2), [
      'Disks | 1',
      '  disk.qcow2 | shared · /vms',
    ]);
  });
});

function branches(resources: readonly Partial<Holding>[]) {
  const devbox = domain('devbox');
  const held = resources.map((holding): Holding => {
    const base = {
      kind: 'disk',
      option: '-drive',
      address: '',
      action: 'share',
      reason: '',
    } as const;
    return { ...base, target: undefined, ...holding };
  });
  return all(tree(localHost(), { ...overview([devbox]), ...holdingsOf(devbox, held) }));
}

/** The rows below the instance. */
function pathsOf(resources: readonly Partial<Holding>[]): string[] {
  const [instance] = branches(resources).filter(({ node }) => node.kind === 'instance');
  assert.ok(instance !== undefined);
  return rows(instance)
    .slice(1)
    .map((row) => row.slice(2));
}
