#!/bin/sh
# A developer's VM: a disk, a forwarded SSH port, VNC, the console and the monitor on sockets.
exec qemu-system-x86_64 \
  -name devbox -machine q35 -smp 2 -m 1G \
  -drive file=disk.qcow2,if=virtio \
  -netdev user,id=net0,hostfwd=tcp:127.0.0.1:2222-:22 \
  -device virtio-net-pci,netdev=net0 \
  -vnc 127.0.0.1:7 \
  -serial unix:console.sock,server=on,wait=off \
  -qmp unix:monitor.sock,server=on,wait=off \
  -pidfile vm.pid -daemonize
