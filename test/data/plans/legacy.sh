qemu-system-x86_64 -m 256 -hda /vms/win98.img -cdrom /vms/win98.iso -boot d -soundhw sb16 \
  -net nic,model=rtl8139 -net user,hostfwd=tcp::3389-:3389 -usbdevice tablet \
  -serial file:/vms/serial.log -parallel none -monitor telnet:127.0.0.1:5000,server,nowait -S
