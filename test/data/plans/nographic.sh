qemu-system-x86_64 -nographic -m 512 -kernel /boot/vmlinuz -initrd /tmp/initrd.img \
  -append 'console=ttyS0 root=/dev/vda rw' -drive file=/tmp/root.img,if=virtio,format=raw
