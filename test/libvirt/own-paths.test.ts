import assert from 'node:assert/strict';
import { foldersOf, libFolder, namedBy, ownFiles } from '../../src/libvirt/own-paths';

const instance = { name: 'web', uuid: '5d0bd5c3-2f3c-4c0f-a3ac-0d4b1c7e7e11', id: 7 };

describe('the paths that libvirt makes', () => {
  it('lie where a session has its folders', () => {
    const lib = '/home/me/.config/libvirt/qemu/lib';
    const folders = foldersOf('qemu:///session', lib, '/run/user/1000');
    const paths = new Map(ownFiles(instance, folders).map(({ what, path }) => [what, path]));
    assert.equal(paths.get('monitor'), `${lib}/domain-7-web/monitor.sock`);
    assert.equal(paths.get('status'), '/run/user/1000/libvirt/qemu/run/web.xml');
    assert.equal(paths.get('log'), '/home/me/.cache/libvirt/qemu/log/web.log');
    assert.equal(paths.get('definition'), '/home/me/.config/libvirt/qemu/web.xml');
    assert.equal(paths.get('managed-save'), '/home/me/.config/libvirt/qemu/save/web.save');
  });

  it('are found by the key of the secrets, in JSON and in key=value', () => {
    const lib = '/var/lib/libvirt/qemu';
    const file = `${lib}/domain-7-we,b/master-key.aes`;
    const json = `{"qom-type":"secret","id":"masterKey0","format":"raw","file":"${file}"}`;
    assert.equal(libFolder(['-name', 'guest=web', '-object', json]), lib);
    const plain = `secret,id=masterKey0,format=raw,file=${lib}/domain-7-web/master-key.aes`;
    assert.equal(libFolder(['-object', plain]), lib);
    assert.equal(libFolder(['-name', 'guest=web']), undefined);
  });

  it('are its own by the id, or by the name; those of the owner are neither', () => {
    const by = (path: string) => namedBy(path, instance);
    assert.equal(by('/var/lib/libvirt/qemu/channel/target/domain-7-web/agent'), 'id');
    assert.equal(by('/run/libvirt/qemu/channel/7-web/agent'), 'id');
    assert.equal(by('/dev/hugepages/libvirt/qemu/7-web'), 'id');
    assert.equal(by('/var/lib/libvirt/qemu/nvram/web_VARS.fd'), 'name');
    assert.equal(by('/disks/7-web.img'), undefined);
    assert.equal(by('/run/libvirt/qemu/channel/17-web/agent'), undefined);
  });
});
