import assert from 'node:assert/strict';
import type { LibvirtDomainOverview } from '../../../src/engine/inventory/libvirt-overview';
import type { DomainHoldings } from '../../../src/engine/inventory/holdings';
import { LibvirtError } from '../../../src/libvirt/errors';
import type { Branch } from '../../../src/views/tree/branch';
import { asTreeNode, idOf } from '../../../src/views/tree/node';
import { actions } from '../../../src/extension/actions/table';
import {
  all,
  domain,
  instance,
  libvirts,
  loaded,
  localHost,
  old,
  only,
  overview,
  rows,
  running,
  shutOff,
  tree,
  uuid,
} from './fixture';

const system = 'qemu:///system';

function shown(
  domains: readonly LibvirtDomainOverview[],
  own: Parameters<typeof overview>[0] = [],
  error?: LibvirtError,
) {
  return tree(localHost(), {
    ...overview(own),
    libvirt: loaded([{ uri: system, domains, error }]),
  });
}

function noteOf(host: Branch, kind: string): Branch {
  const found = all(host).find(({ look }) => look.contextValue === `note ${kind}`);
  assert.ok(found !== undefined, `there is no note: ${kind}`);
  return found;
}

describe('libvirt’s domains in the tree', () => {
  it('stand beside the engine’s, by name, and say who runs them', () => {
    const other = '11111111-2222-4333-8444-555555555555';
    const host = shown(
      [libvirts('b'), libvirts('d', { ...shutOff, uuid: other, connection: 'qemu:///session' })],
      [domain('a'), domain('c')].map((each, index) => ({
        ...each,
        domain: { ...each.domain, uuid: `own-${index}` },
      })),
    );
    assert.deepEqual(rows(host).slice(0, 9), [
      'This machine | 4 domains',
      '  a | running · QEMU 7.2.22',
      '    Instance #7 | pid 1007 · since 08:14 …',
      '  b | running · QEMU 7.2.22 · libvirt',
      '    Instance #3 | pid 4711 · since 08:14 …',
      '  c | running · QEMU 7.2.22',
      '    Instance #7 | pid 1007 · since 08:14 …',
      '  d | shut off · libvirt qemu:///session',
      '  Emulators …',
    ]);
  });

  it('tell all that libvirt says of them', () => {
    const look = only(
      shown([
        libvirts('web', { autostart: true, managedSave: true, persistent: false, reason: 'user' }),
      ]),
      'domain',
    ).look;
    assert.deepEqual(look.tooltip.split('\n'), [
      'web',
      `UUID: ${uuid}`,
      'State: running (user)',
      'QEMU 7.2.22',
      'Run by libvirt, qemu:///system',
      'Transient: its definition goes when it is shut off',
      'Starts with the host',
      'Its next start goes on from a saved image (managed save)',
    ]);
    assert.equal(
      look.accessibilityLabel,
      'Domain web, running, QEMU 7.2.22, Run by libvirt, qemu:///system',
    );
  });

  it('that run another QEMU than is installed say so', () => {
    const installed = { version: '10.0.13', package: 'Debian 1:10.0.13+ds' };
    const host = shown([libvirts('web', { instance: running({ installed }) })]);
    const sentence = 'Runs QEMU 7.2.22, installed is 10.0.13: can be upgraded live';
    assert.deepEqual(rows(host).slice(1, 4), [
      '  web | running · QEMU 7.2.22 · 10.0.13 is installed · libvirt',
      `    ${sentence}`,
      '    Instance #3 | pid 4711 · since 08:14 …',
    ]);
    assert.match(only(host, 'domain').look.tooltip, new RegExp(sentence));
    assert.equal(
      only(host, 'domain').look.contextValue,
      'domain running libvirt persistent outdated',
    );
  });

  it('that run another build of the same version say which', () => {
    const installed = { ...old, package: 'Debian 1:7.2+dfsg-7+deb12u19' };
    const host = shown([libvirts('web', { instance: running({ installed }) })]);
    assert.equal(
      noteOf(host, 'outdated').look.label,
      'Runs QEMU Debian 1:7.2+dfsg-7+deb12u18, installed is Debian 1:7.2+dfsg-7+deb12u19: can be upgraded live',
    );
  });

  it('that the engine has too are the engine’s', () => {
    const host = shown([libvirts('devbox', shutOff)], [domain('devbox')]);
    assert.deepEqual(rows(host).slice(0, 2), [
      'This machine | 1 domain',
      '  devbox | running · QEMU 7.2.22',
    ]);
  });

  it('are awaited where there are no others, and none is told only when there is none', () => {
    const waiting = tree(localHost(), { ...overview([]), libvirt: undefined });
    assert.equal(rows(waiting)[1], '  Looking for domains of libvirt…');
    assert.equal(rows(shown([]))[1], '  No domains. Start one, or adopt a QEMU that runs.');
  });

  it('of a libvirt that fails are a reason and a remedy; the others are there', () => {
    const error = new LibvirtError('LIBVIRT_DENIED', 'libvirt lets you not in.', system);
    const host = shown([], [domain('devbox', { instances: [instance(7)] })], error);
    const note = noteOf(host, 'failed');
    assert.equal(note.look.label, 'libvirt lets you not in.');
    assert.match(note.look.tooltip, /group libvirt\.\nClick to try again\./);
    assert.deepEqual(note.look.command?.node, { kind: 'host', hostId: 'local' });
    assert.equal(rows(host)[1], '  devbox | running · QEMU 7.2.22');
  });

  it('show how libvirt names their paths', () => {
    const holdings: DomainHoldings = {
      domain: { uuid, name: 'web' },
      instances: [
        {
          ...{
            id: 3,
            role: 'source',
            table: 'source',
            folder: '/var/lib/libvirt/qemu/domain-3-web',
          },
          ...{ monitor: undefined, console: undefined, output: undefined },
          resources: [
            {
              ...{ kind: 'log', option: 'libvirt: log', action: 'drop', namedBy: 'name' },
              ...{ address: '/var/log/libvirt/qemu/web.log', reason: 'why', target: undefined },
            },
            {
              ...{ kind: 'ram', option: '-object', action: 'share', namedBy: 'id' },
              ...{
                address: '/dev/shm/libvirt/qemu/3-web/pc.ram',
                reason: 'why',
                target: undefined,
              },
            },
          ],
        },
      ],
    };
    const host = tree(localHost(), {
      ...overview([]),
      libvirt: loaded([{ uri: system, domains: [libvirts('web')], error: undefined }]),
      holdings: new Map([[`${uuid} ${system}`, loaded(holdings)]]),
    });
    assert.deepEqual(rows(host).slice(3, 7), [
      '      Logs | 1',
      '        web.log | left out · by domain name only · /var/log/libvirt/qemu',
      '      RAM | 1',
      '        pc.ram | shared · by instance id · /dev/shm/libvirt/qemu/3-web',
    ]);
    const ids = all(host).map(({ node }) => idOf(node));
    assert.equal(new Set(ids).size, ids.length);
    for (const { node } of all(host)) assert.deepEqual(asTreeNode(node), node);
  });

  describe('are offered', () => {
    const offered = (more: Partial<LibvirtDomainOverview>) => {
      const { contextValue } = only(shown([libvirts('web', more)]), 'domain').look;
      return actions
        .filter(({ menus = [] }) =>
          menus.some(({ when }) => {
            const pattern = /viewItem =~ \/(.*)\/$/.exec(when)?.[1];
            return pattern !== undefined && new RegExp(pattern).test(contextValue);
          }),
        )
        .map(({ id }) => id.replace('sidestep.', ''));
    };

    it('what makes sense while they run', () => {
      const ids = offered({});
      for (const id of [
        'pause',
        'stop',
        'destroy',
        'showCommandLine',
        'showLiveXml',
        'showPersistentXml',
      ]) {
        assert.ok(ids.includes(id), id);
      }
      for (const id of ['start', 'resume', 'openConsole', 'showStatus']) {
        assert.ok(!ids.includes(id), id);
      }
    });

    it('what makes sense while they stand still', () => {
      const ids = offered({ state: 'paused' });
      assert.ok(ids.includes('resume') && !ids.includes('pause') && !ids.includes('stop'));
    });

    it('what makes sense while they are shut off', () => {
      assert.deepEqual(offered(shutOff), ['start', 'showPersistentXml', 'listen']);
    });

    it('no persistent XML of one that has none', () => {
      assert.ok(!offered({ persistent: false }).includes('showPersistentXml'));
    });
  });
});
