import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from '../../scripts/setup/cache.mjs';
import { parseListing, type ConnectionListing } from '../../src/libvirt/inventory/listing';

/** What real libvirts printed, with the same domains in each. */
const versions = ['9.0', '11.3'];
const uri = 'qemu:///system';

function parsed(version: string, change = (text: string) => text) {
  const path = join(repository, `test/data/libvirt/listing-${version}.txt`);
  return parseListing(uri, { status: 0, stdout: change(readFileSync(path, 'utf8')), stderr: '' });
}

describe('the list of libvirt’s domains', () => {
  for (const version of versions) {
    it(`is read from what libvirt ${version} prints, whatever the domains are called`, () => {
      const listing = parsed(version);
      assert.ok(listing !== undefined && 'domains' in listing);
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

  it('is none where there is no libvirt', () => {
    assert.equal(parseListing(uri, { status: 0, stdout: '', stderr: '' }), undefined);
  });

  it('knows reasons and states that came after us as unknown', () => {
    const listing = parsed('9.0', (text) =>
      text
        .replaceAll('state.reason=1', 'state.reason=99')
        .replaceAll('state.state=3', 'state.state=77'),
    );
    assert.ok(listing !== undefined && 'domains' in listing);
    const of = (id: number) => listing.domains.find((domain) => domain.id === id);
    assert.deepEqual([of(1)?.state, of(1)?.reason], ['running', undefined]);
    assert.deepEqual([of(2)?.state, of(2)?.reason], ['no state', undefined]);
  });

  describe('where it cannot be had', () => {
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
      it(`says ${code}`, () => {
        const listing = parseListing(uri, { status: 1, stdout: '@domains@', stderr: said });
        assert.equal(codeOf(listing), code);
      });
    }

    it('does not take half a list for one', () => {
      assert.equal(codeOf(parsed('9.0', (text) => text.replace('@end@', ''))), 'LIBVIRT_REFUSED');
    });

    it('does not take it for one where one of the commands failed', () => {
      const path = join(repository, 'test/data/libvirt/listing-9.0.txt');
      const stdout = readFileSync(path, 'utf8').replace(/@states@[^]*@end@/, '@states@@end@');
      const stderr = "error: command 'domstats' doesn't support option --nowait\n";
      assert.equal(codeOf(parseListing(uri, { status: 0, stdout, stderr })), 'LIBVIRT_REFUSED');
    });
  });
});
