qemu-system-x86_64 -name guest=fast -machine q35,memory-backend=ram -nodefaults -m 4G \
  -object memory-backend-file,id=ram,size=4G,mem-path=/dev/shm/fast-ram,share=on \
  -blockdev '{"driver":"qcow2","node-name":"disk","file":{"driver":"file","filename":"/srv/fast.qcow2"}}' \
  -device virtio-blk-pci,drive=disk -vga std -vnc :3 \
  -chardev socket,id=console,path=/run/fast/console.sock,server=on,wait=off,logfile=/var/log/fast.log \
  -device isa-serial,chardev=console
