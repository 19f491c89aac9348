/** Another process's lock on a disk image, as QEMU's own tools take it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Of block/file-posix.c: a byte for each permission that its holder does not share. */
const firstByte = 200;
const writePermission = 1;

const script = `
import fcntl, struct, sys
image = open(sys.argv[1], "rb+")
byte = int(sys.argv[2])
F_OFD_SETLK = 37
fcntl.fcntl(image, F_OFD_SETLK, struct.pack("hhqqi4x", fcntl.F_RDLCK, 0, byte, 1, 0))
print("locked", flush=True)
sys.stdin.read()
`;

export interface ImageLock {
  readonly pid: number;
  release(): Promise<void>;
}

/** Keeps everybody else from writing, as an image that is read needs it. Whoever writes already is not asked. */
export async function lockImage(path: string): Promise<ImageLock> {
  const holder = spawn('python3', ['-c', script, path, String(firstByte + writePermission)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exited = once(holder, 'exit');
  await once(holder.stdout, 'data');
  return {
    pid: holder.pid ?? 0,
    release: async () => {
      holder.kill('SIGKILL');
      await exited;
    },
  };
}
