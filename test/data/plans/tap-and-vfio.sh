qemu-system-x86_64 -machine q35 -m 8G -mem-prealloc -mem-path /dev/hugepages -display none \
  -netdev tap,id=net0,ifname=tap0,script=no,downscript=no,vhost=on \
  -device virtio-net-pci,netdev=net0,mac=52:54:00:12:34:56 \
  -device vfio-pci,host=0000:01:00.0 \
  -chardev socket,id=vfs,path=/run/virtiofsd.sock -device vhost-user-fs-pci,chardev=vfs,tag=share \
  -snapshot -drive file=/srv/a.img,format=raw
