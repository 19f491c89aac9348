import assert from 'node:assert/strict';
import { resolvePaths } from '../../../src/engine/plan/absolute-paths';
import { words } from './fixture';

describe('Relative paths of a running process', () => {
  for (const [given, resolved] of [
    ['-drive file=a.img,if=virtio', '-drive file=/w/a.img,if=virtio'],
    ['-drive file=file:a.img', '-drive file=file:/w/a.img'],
    ['-drive driver=qcow2,file.filename=../a.img', '-drive driver=qcow2,file.filename=/a.img'],
    ['-blockdev {"driver":"file","filename":"a"}', '-blockdev {"driver":"file","filename":"/w/a"}'],
    ['-blockdev driver=raw,file=node', '-blockdev driver=raw,file=node'],
    ['a.img -hdb b,c.img', '/w/a.img -hdb /w/b,c.img'],
    ['-serial unix:s.sock,server', '-serial unix:/w/s.sock,server'],
    ['-serial mon:file:log', '-serial mon:file:/w/log'],
    ['-qmp unix:./q,server=on', '-qmp unix:/w/q,server=on'],
    [
      '-chardev socket,id=a,path=a.sock,logfile=l',
      '-chardev socket,id=a,path=/w/a.sock,logfile=/w/l',
    ],
    ['-vnc unix:v.sock -display vnc=unix:v', '-vnc unix:/w/v.sock -display vnc=unix:/w/v'],
    [
      '-kernel bzImage -initrd i -append root=/x',
      '-kernel /w/bzImage -initrd /w/i -append root=/x',
    ],
    ['-M q35,kernel=bzImage', '-M q35,kernel=/w/bzImage'],
    ['-object secret,id=s,file=key', '-object secret,id=s,file=/w/key'],
    [
      '-object {"qom-type":"memory-backend-file","mem-path":"r"}',
      '-object {"qom-type":"memory-backend-file","mem-path":"/w/r"}',
    ],
    [
      '-fw_cfg x,file=f -smbios file=s -pidfile p -D l -L l',
      '-fw_cfg x,file=/w/f -smbios file=/w/s -pidfile /w/p -D /w/l -L /w/l',
    ],
    ['-acpitable file=a:b', '-acpitable file=/w/a:/w/b'],
    ['-netdev user,id=n,tftp=t,smb=s', '-netdev user,id=n,tftp=/w/t,smb=/w/s'],
    [
      '-netdev stream,id=n,addr.type=unix,addr.path=s',
      '-netdev stream,id=n,addr.type=unix,addr.path=/w/s',
    ],
    [
      '-bios roms/b.bin -device e1000,romfile=roms/e.rom',
      '-bios /w/roms/b.bin -device e1000,romfile=/w/roms/e.rom',
    ],
  ] as const) {
    it(given, () => {
      assert.deepEqual(resolvePaths(words(given), '/w'), words(resolved));
    });
  }

  for (const given of [
    '-drive file=nbd:host:1',
    '-drive file=json:{"driver":"null-co"}',
    '-cdrom http://host/a.iso',
    '-hda fat:rw:folder',
    '-drive file=/a.img',
    '-bios bios.bin -device e1000,romfile=e.rom -device e1000,romfile=',
    '-netdev tap,id=n,script=no,downscript=no',
    '-chardev socket,id=a,path=name,abstract=on',
    '-serial tcp::1,server=on -gdb tcp::2 -monitor stdio -vnc :1',
    '-name a/b -made-up a/b',
  ]) {
    it(`${given} stays as it is`, () => {
      assert.deepEqual(resolvePaths(words(given), '/w'), words(given));
    });
  }
});
