#!/bin/sh
# A developer's VM: UEFI from pflash, virtio, a forwarded SSH port, a debugger's port.
exec qemu-system-x86_64 \
  -name devbox -machine q35,accel=kvm -cpu host -smp 4 -m 4G \
  -drive if=pflash,format=raw,readonly=on,file=/usr/share/OVMF/OVMF_CODE.fd \
  -drive if=pflash,format=raw,file=/home/dev/vm/OVMF_VARS.fd \
  -drive file=/home/dev/vm/disk.qcow2,if=virtio,discard=unmap \
  -device virtio-net-pci,netdev=net0 \
  -netdev user,id=net0,hostfwd=tcp:127.0.0.1:2222-:22,hostfwd=tcp::8080-:80 \
  -vnc localhost:7,to=9,password=on \
  -monitor unix:/home/dev/vm/monitor.sock,server,nowait \
  -serial tcp:127.0.0.1:4555,server=on,wait=off \
  -qmp tcp:127.0.0.1:4444,server=on,wait=off \
  -device virtio-rng-pci -gdb tcp::1234 -pidfile /home/dev/vm/qemu.pid -daemonize
