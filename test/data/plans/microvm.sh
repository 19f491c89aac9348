qemu-system-x86_64 -M microvm,x-option-roms=off,pit=off,pic=off,isa-serial=off,rtc=off \
  -nodefaults -no-user-config -display none -m 512m -smp 2 \
  -kernel /srv/vm/vmlinux -append "console=hvc0 root=/dev/vda" \
  -chardev stdio,id=virtiocon0 -device virtio-serial-device -device virtconsole,chardev=virtiocon0 \
  -drive id=test,file=/srv/vm/rootfs.img,format=raw,if=none -device virtio-blk-device,drive=test \
  -netdev user,id=n1 -device virtio-net-device,netdev=n1
