import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from '../../scripts/setup/cache.mjs';
import {
  listingCommand,
  parseListing,
  type ConnectionListing,
} from '../../src/libvirt/inventory/listing';

/** What real libvirts printed, with the same domains in each. */
const versions = ['9.0', '11.3'];
const printed = (version: string) =>
  readFileSync(join(repository, `test/data/libvirt/listing-${version}.txt`), 'utf8');

const system = 'qemu:///system';
const session = 'qemu:///session';

describe('the list of libvirt’s domains', () => {
  for (const version of versions) {
    it(`is read from what libvirt ${version} prints, whatever the domains are called`, () => {
      const [listing, ...others] = parseListing(printed(version), `\n@connection@${system}\n`);
      assert.deepEqual(others, []);
      assert.ok(listing !== undefined && 'domains' in listing);
      assert.equal(listing.uri, system);
      assert.equal(listing.pids.length, 3, "two QEMUs' and libvirtd's own");
      const shutOff = { id: undefined, state: 'shut off', reason: undefined, persistent: true };
      const plain = { persistent: true, autostart: false, managedSave: false };
      assert.deepEqual(
        listing.domains
          .map(({ uuid, ...domain }) => {
            assert.match(uuid, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
            return domain;
          })
          .sort((a, b) => (a.name < b.name ? -1 : 1)),
        [
          { ...plain, name: '@states@ §ü日本', ...shutOff },
          { ...plain, name: 'driver', ...shutOff },
          {
            ...{ ...plain, name: `it's "scratch" (1) `, id: 2 },
            ...{ state: 'paused', reason: 'user', persistent: false },
          },
          { ...plain, name: 'saved vm', ...shutOff, reason: 'saved', managedSave: true },
          { ...plain, name: 'was destroyed', ...shutOff, reason: 'destroyed' },
          { ...plain, name: 'web', id: 1, state: 'running', reason: 'booted', autostart: true },
        ],
      );
    });
  }

  it('is empty where there is no libvirt', () => {
    assert.deepEqual(parseListing('', ''), []);
  });

  it('knows reasons and states that came after us as unknown', () => {
    const text = printed('9.0').replaceAll('state.reason=1', 'state.reason=99');
    const [listing] = parseListing(text.replaceAll('state.state=3', 'state.state=77'), '');
    assert.ok(listing !== undefined && 'domains' in listing);
    const of = (id: number) => listing.domains.find((domain) => domain.id === id);
    assert.deepEqual([of(1)?.state, of(1)?.reason], ['running', undefined]);
    assert.deepEqual([of(2)?.state, of(2)?.reason], ['no state', undefined]);
  });

  describe('where a connection fails', () => {
    const failing = (status: number) =>
      `\n@connection@${system}\n\n@status@${status}\n@pids@\n${printed('9.0').replace(system, session)}`;
    const complaining = (said: string) =>
      `\n@connection@${system}\n${said}\n@connection@${session}\n`;
    const codeOf = (listing: ConnectionListing | undefined) =>
      listing !== undefined && 'error' in listing ? listing.error.code : undefined;

    const complaints = [
      [
        'LIBVIRT_UNREACHABLE',
        "error: failed to connect to the hypervisor\nerror: Failed to connect socket to '/var/run/libvirt/libvirt-sock': Connection refused",
      ],
      [
        'LIBVIRT_DENIED',
        "error: failed to connect to the hypervisor\nerror: Failed to connect socket to '/var/run/libvirt/libvirt-sock': Permission denied",
      ],
      [
        'LIBVIRT_DENIED',
        'error: failed to connect to the hypervisor\nerror: authentication unavailable: no polkit agent available to authenticate action',
      ],
      ['LIBVIRT_REFUSED', 'error: Failed to list domains\nerror: out of memory'],
    ] as const;
    for (const [code, said] of complaints) {
      it(`says ${code}, and lists the other one`, () => {
        const [first, second] = parseListing(failing(1), complaining(said));
        assert.equal(codeOf(first), code);
        assert.ok(second !== undefined && 'domains' in second);
        assert.deepEqual([second.uri, second.domains.length], [session, 6]);
      });
    }

    it('says that it does not answer, as `timeout` does', () => {
      assert.equal(codeOf(parseListing(failing(124), complaining(''))[0]), 'LIBVIRT_TIMEOUT');
    });

    it('does not take half a list for one', () => {
      const cut = printed('9.0').replace('@end@', '');
      assert.equal(codeOf(parseListing(cut, '')[0]), 'LIBVIRT_REFUSED');
    });
  });

  it('is asked of the session too, but for root, who has none', () => {
    assert.deepEqual(listingCommand(1000).slice(-2), [system, session]);
    assert.equal(listingCommand(0).at(-1), system);
    assert.ok(!listingCommand(0).includes(session));
  });
});
