/** Command lines as people and libvirt start QEMU, word by word. */

/** What libvirt 9.0 starts for a domain of virt-install, `-` in place of the program. */
export const libvirt9: readonly string[] = [
  ['-name', 'guest=vm one,debug-threads=on'],
  ['-S'],
  [
    '-object',
    '{"qom-type":"secret","id":"masterKey0","format":"raw","file":"/var/lib/libvirt/qemu/domain-1-vm one/master-key.aes"}',
  ],
  [
    '-machine',
    'pc-q35-7.2,usb=off,vmport=off,dump-guest-core=off,memory-backend=pc.ram,hpet=off,acpi=on',
  ],
  ['-accel', 'kvm'],
  ['-cpu', 'Skylake-Client-IBRS,ss=on,vmx=on,hypervisor=on,tsc-adjust=on,hle=off,rtm=off'],
  ['-m', 'size=2097152k'],
  ['-object', '{"qom-type":"memory-backend-ram","id":"pc.ram","size":2147483648}'],
  ['-overcommit', 'mem-lock=off'],
  ['-smp', '2,sockets=2,cores=1,threads=1'],
  ['-uuid', '2d9c6a9c-3f3e-4d0e-9d0a-1f3d2a1b4c5d'],
  ['-no-user-config'],
  ['-nodefaults'],
  ['-chardev', 'socket,id=charmonitor,fd=31,server=on,wait=off'],
  ['-mon', 'chardev=charmonitor,id=monitor,mode=control'],
  ['-rtc', 'base=utc,driftfix=slew'],
  ['-global', 'kvm-pit.lost_tick_policy=delay'],
  ['-no-hpet'],
  ['-no-shutdown'],
  ['-global', 'ICH9-LPC.disable_s3=1'],
  ['-boot', 'strict=on'],
  [
    '-device',
    '{"driver":"pcie-root-port","port":16,"chassis":1,"id":"pci.1","bus":"pcie.0","multifunction":true,"addr":"0x2"}',
  ],
  ['-device', '{"driver":"virtio-serial-pci","id":"virtio-serial0","bus":"pci.3","addr":"0x0"}'],
  [
    '-blockdev',
    '{"driver":"file","filename":"/var/lib/libvirt/images/vm, one.qcow2","node-name":"libvirt-1-storage","auto-read-only":true,"discard":"unmap"}',
  ],
  [
    '-blockdev',
    '{"node-name":"libvirt-1-format","read-only":false,"discard":"unmap","driver":"qcow2","file":"libvirt-1-storage","backing":null}',
  ],
  [
    '-device',
    '{"driver":"virtio-blk-pci","bus":"pci.4","addr":"0x0","drive":"libvirt-1-format","id":"virtio-disk0","bootindex":1}',
  ],
  ['-netdev', '{"type":"tap","fd":"33","vhost":true,"vhostfd":"35","id":"hostnet0"}'],
  [
    '-device',
    '{"driver":"virtio-net-pci","netdev":"hostnet0","id":"net0","mac":"52:54:00:6b:3c:58","bus":"pci.1","addr":"0x0"}',
  ],
  ['-chardev', 'pty,id=charserial0'],
  ['-device', '{"driver":"isa-serial","chardev":"charserial0","id":"serial0","index":0}'],
  ['-chardev', 'socket,id=charchannel0,fd=30,server=on,wait=off'],
  ['-audiodev', '{"id":"audio1","driver":"none"}'],
  ['-vnc', '127.0.0.1:0,audiodev=audio1'],
  ['-device', '{"driver":"virtio-vga","id":"video0","max_outputs":1,"bus":"pcie.0","addr":"0x1"}'],
  ['-sandbox', 'on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny'],
  ['-msg', 'timestamp=on'],
].flat();

/** Written by hand, in the many ways of hands. */
export const handWritten: readonly (readonly string[])[] = [
  [],
  ['disk.img'],
  ['--enable-kvm', '-M', 'q35,accel=kvm:tcg', '-m', '4G', '-smp', '4', 'disk.img'],
  ['-drive', 'file=/srv/a,,b.qcow2,if=virtio,snapshot=off', '-hdb', '-odd name-.img'],
  ['-kernel', 'vmlinuz', '-append', '-v root=/dev/vda,x console="ttyS0"', '-nographic'],
  ['-chardev', 'socket,id=m,path=/run/m.sock,server,nowait', '-mon', 'm,mode=control'],
  ['-netdev', 'user,id=n,hostfwd=tcp::2222-:22,hostfwd=tcp:127.0.0.1:8080-:80', '-s', '-S'],
  ['-drive', 'file=json:{"driver":"raw",, "file":{"driver":"file",,"filename":"x"}},if=none'],
  ['-incoming', 'exec:cat </tmp/state', '-device', 'virtio-net,netdev=n,mac=', ''],
];
