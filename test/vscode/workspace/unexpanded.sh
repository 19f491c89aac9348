#!/bin/sh
exec qemu-system-x86_64 -m 1G \
  -drive file="$DISK",if=virtio
