"""File operations, in order. The first that fails ends them."""

import os
import stat

from data import decode, encode, from_base64, read_bytes, to_base64, unless_absent, write_all
from wire import Failure, fields_of


def read(path):
    data = unless_absent(lambda: read_bytes(encode(path)))
    return None if data is None else to_base64(data)


def read_part(path, offset, length):
    def part():
        with open(encode(path), "rb") as file:
            file.seek(offset)
            return file.read(length)

    data = unless_absent(part)
    return None if data is None else to_base64(data)


def read_each(path, name):
    found = []
    for folder in unless_absent(lambda: os.listdir(encode(path)), []):
        file = os.path.join(encode(path), folder, encode(name))
        data = unless_absent(lambda: read_bytes(file))
        if data is not None:
            found.append([decode(folder), to_base64(data)])
    return found


def write(path, data, mode=0o600):
    """A new file beside the old one, renamed over it."""
    folder = os.path.dirname(encode(path))
    temporary = os.path.join(folder, b"." + os.urandom(16).hex().encode() + b".tmp")
    fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    try:
        try:
            # The umask took its bits off at creation.
            os.fchmod(fd, mode)
            write_all(fd, from_base64(data))
        finally:
            os.close(fd)
        os.rename(temporary, encode(path))
    except BaseException:
        os.unlink(temporary)
        raise


def append(path, data, mode=0o600):
    fd = open_append_file(encode(path), mode)
    try:
        write_all(fd, from_base64(data))
    finally:
        os.close(fd)


def reserve(path, bytes):
    write(path, to_base64(b"\0" * bytes))


def open_append_file(path, mode):
    return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, mode)


def rename(**ends):
    os.rename(encode(ends["from"]), encode(ends["to"]))


def remove(path):
    # With a slash at its end a link would be followed.
    remove_tree(encode(path).rstrip(b"/") or b"/")


def remove_tree(path):
    try:
        os.unlink(path)
    except IsADirectoryError:
        for name in os.listdir(path):
            remove_tree(os.path.join(path, name))
        unless_absent(lambda: os.rmdir(path))
    except (FileNotFoundError, NotADirectoryError):
        pass


def mkdir(path, mode=None, exclusive=False, owner=None):
    folder = encode(path)
    try:
        make_folder(folder, 0o700 if mode is None else mode)
    except FileExistsError:
        if exclusive or not stat.S_ISDIR(os.stat(folder).st_mode):
            raise
        if mode is not None:
            os.chmod(folder, mode)
        return
    # The umask took its bits off at creation.
    os.chmod(folder, 0o700 if mode is None else mode)
    if owner is not None:
        os.chown(folder, owner["uid"], owner["gid"])


def make_folder(folder, mode):
    try:
        os.mkdir(folder, mode)
    except FileNotFoundError:
        try:
            make_folder(os.path.dirname(folder.rstrip(b"/")), mode)
        except FileExistsError:
            # Made by another meanwhile.
            pass
        os.mkdir(folder, mode)


def list_names(path):
    return [decode(name) for name in unless_absent(lambda: os.listdir(encode(path)), [])]


def stat_path(path):
    found = unless_absent(lambda: os.stat(encode(path)))
    if found is None:
        return None
    is_file = stat.S_ISREG(found.st_mode)
    return {
        "kind": "file"
        if is_file
        else "directory"
        if stat.S_ISDIR(found.st_mode)
        else "socket"
        if stat.S_ISSOCK(found.st_mode)
        else "block-device"
        if stat.S_ISBLK(found.st_mode)
        else "other",
        "size": found.st_size,
        # As Node counts it, to the last digit.
        "mtimeMs": found.st_mtime_ns // 10**9 * 1000 + found.st_mtime_ns % 10**9 / 10**6,
        "device": found.st_dev,
        "inode": found.st_ino,
        "rdev": found.st_rdev,
        "mode": stat.S_IMODE(found.st_mode),
        "uid": found.st_uid,
        "executable": is_file
        and found.st_mode & 0o111 != 0
        and os.access(encode(path), os.X_OK),
    }


def realpath(path):
    # realpath(3) of Python invents a path for what is not there.
    if unless_absent(lambda: os.stat(encode(path))) is None:
        return None
    return decode(os.path.realpath(encode(path)))


def free_space(path):
    found = os.statvfs(encode(path))
    return found.f_bavail * found.f_frsize


performers = {
    "read": read,
    "readPart": read_part,
    "readEach": read_each,
    "write": write,
    "append": append,
    "reserve": reserve,
    "rename": rename,
    "remove": remove,
    "mkdir": mkdir,
    "list": list_names,
    "stat": stat_path,
    "realpath": realpath,
    "freeSpace": free_space,
}


def perform(request, operations):
    results = []
    for operation in operations:
        try:
            results.append(performers[operation.pop("op")](**operation))
        except (OSError, ValueError) as error:
            # Which one failed is told by the number of those that did not.
            raise Failure(done=len(results), **fields_of(error))
    return results
