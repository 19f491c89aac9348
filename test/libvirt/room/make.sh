#!/bin/sh
# make.sh MOUNT-POINT COMMAND [ARGUMENT]...
#
# In mount, network and pid namespaces of its own (room.mjs): makes a root folder on the mount point, and
# becomes the command in it. What is written there is in memory and ends with the namespaces, but for
# the folders that are shared. From the environment:
#   ROOM_ROOT, ROOM_OTHER         the root folders of both Debians, the room's own and the other
#   ROOM_OTHER_EMULATOR           where the other's QEMU is to be found in the room ...
#   ROOM_OTHER_WRAPPER            ... and the script that runs it from /other
#   ROOM_SHARED, ROOM_READ_ONLY   folders and files to be found at the same path, one a line
set -eu
point=$1
shift
room=$point/room

# A copy on write, in memory, of a root folder without what is mounted in it.
copy_on_write() {
  mkdir -p "$point/$2/lower" "$point/$2/upper" "$point/$2/work"
  mount --bind "$1" "$point/$2/lower"
  (
    # Relative, so that no name of another is read as options.
    cd "$point/$2"
    mount -t overlay overlay -o lowerdir=lower,upperdir=upper,workdir=work "$3"
  )
}

# Mounts what the lines of standard input name at the same path in the room.
share() {
  while read -r path; do
    if [ -d "$path" ]; then
      mkdir -p "$room$path"
    else
      mkdir -p "$room${path%/*}"
      touch "$room$path"
    fi
    mount -o "$1" "$path" "$room$path"
  done
}


mount -t tmpfs -o mode=755 room "$point"
mkdir "$room"
copy_on_write "$ROOM_ROOT" own "$room"
mkdir -p "$room/other" "$room${ROOM_OTHER_EMULATOR%/*}"
copy_on_write "$ROOM_OTHER" other "$room/other"
printf '%s' "$ROOM_OTHER_WRAPPER" > "$room$ROOM_OTHER_EMULATOR"
chmod +x "$room$ROOM_OTHER_EMULATOR"
# See scripts/setup/qemu-10.mjs.
ln -sfn ../../.. "$room/other/usr/lib/x86_64-linux-gnu/qemu-bundle"

mount -t proc proc "$room/proc"
# Of the namespace's own network, and without control groups: libvirt makes none.
mount -t sysfs sysfs "$room/sys"
mount -t tmpfs -o mode=755 run "$room/run"
mount -t tmpfs -o mode=1777 tmp "$room/tmp"

# Without KVM: what libvirt finds out about an emulator must not hang upon whether KVM works here.
mount -t tmpfs -o mode=755 dev "$room/dev"
mkdir "$room/dev/pts" "$room/dev/shm" "$room/dev/net"
mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts "$room/dev/pts"
mount -t tmpfs -o mode=1777 shm "$room/dev/shm"
while read -r name major minor; do
  mknod -m 666 "$room/dev/$name" c "$major" "$minor"
done << END
null 1 3
zero 1 5
full 1 7
random 1 8
urandom 1 9
tty 5 0
ptmx 5 2
loop-control 10 237
net/tun 10 200
END
# For disks that are block devices; the kernel has one set of them for all rooms.
for number in $(seq 0 15); do mknod -m 660 "$room/dev/loop$number" b 7 "$number"; done
ln -s /proc/self/fd "$room/dev/fd"
for fd in 0:stdin 1:stdout 2:stderr; do ln -s "/proc/self/fd/${fd%:*}" "$room/dev/${fd#*:}"; done

# A libvirt that the machine may have itself is not seen.
for folder in /etc /var/lib /var/cache /var/log; do
  mkdir -p "$room$folder/libvirt"
  mount -t tmpfs -o mode=755 libvirt "$room$folder/libvirt"
done
# Debian's own ids for them.
grep -q ^kvm: "$room/etc/group" || echo 'kvm:x:993:' >> "$room/etc/group"
grep -q ^libvirt-qemu: "$room/etc/group" || echo 'libvirt-qemu:x:64055:' >> "$room/etc/group"
grep -q ^libvirt-qemu: "$room/etc/passwd" ||
  echo 'libvirt-qemu:x:64055:64055::/var/lib/libvirt:/usr/sbin/nologin' >> "$room/etc/passwd"
echo "127.0.0.1 localhost $(hostname)" > "$room/etc/hosts"
cat > "$room/etc/libvirt/qemu.conf" << END
cgroup_controllers = []
security_driver = "none"
memory_backing_dir = "/dev/shm"
END

printf '%s\n' "$ROOM_SHARED" | share rbind
printf '%s\n' "$ROOM_READ_ONLY" | share bind,ro

# Not by chroot alone: libvirt makes a mount namespace with a /dev of its own for each QEMU, and who
# enters that comes to the root of the namespace.
cd "$room"
pivot_root . .
umount -l .
exec chroot . "$@"
