#!/bin/sh
# serve.sh COMMAND [ARGUMENT]... : the first process of a room, which takes in what others leave. Starts
# libvirt, runs the command, and ends the room with it.
ip link set lo up && virtlogd --daemon && libvirtd --daemon || exit 1
"$@"
status=$?
if [ "$status" -ne 0 ] && [ -s /var/log/libvirt/libvirtd.log ]; then
  echo '== libvirtd says'
  tail -n 30 /var/log/libvirt/libvirtd.log
fi >&2
exit "$status"
