/** Files as one: POSIX ustar (pax(1)), gzipped. Nothing of this machine is in it. */
import { gzipSync } from 'node:zlib';

export interface BundledFile {
  /** Relative, at most 100 bytes. */
  readonly path: string;
  readonly data: string | Uint8Array;
}

const blockSize = 512;
const mode = 0o644;

/** @param at when the files were written, in seconds since the Unix epoch */
export function packTarball(files: readonly BundledFile[], at: number): Buffer {
  const parts = files.flatMap(({ path, data }) => {
    const bytes = Buffer.from(data);
    const padding = Buffer.alloc((blockSize - (bytes.length % blockSize)) % blockSize);
    return [header(path, bytes.length, at), bytes, padding];
  });
  // The end is two empty blocks.
  return gzipSync(Buffer.concat([...parts, Buffer.alloc(2 * blockSize)]));
}

function header(path: string, size: number, at: number): Buffer {
  const block = Buffer.alloc(blockSize);
  const put = (text: string, offset: number) => block.write(text, offset);
  const number = (value: number, digits: number) =>
    `${Math.floor(value).toString(8).padStart(digits, '0')}\0`;
  put(path, 0);
  put(number(mode, 7), 100);
  put(number(0, 7), 108); // uid
  put(number(0, 7), 116); // gid
  put(number(size, 11), 124);
  put(number(at, 11), 136);
  put(' '.repeat(8), 148); // the checksum, as it counts in its own sum
  put('0', 156); // a regular file
  put('ustar\x0000', 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  put(`${number(sum, 6)} `, 148);
  return block;
}
