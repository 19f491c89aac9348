/** File operations as data, so that several of them make one round trip. */

export type FileOperation =
  /** The file's bytes, or undefined if there is none. */
  | { readonly op: 'read'; readonly path: string }
  /**
   * The file's bytes from `offset` on, `length` of them or as many as there are: none at its end.
   * Undefined if there is no file.
   */
  | {
      readonly op: 'readPart';
      readonly path: string;
      readonly offset: number;
      readonly length: number;
    }
  /** `name` in each folder directly in `path`: folder name to bytes. One round trip for a table of any size. */
  | { readonly op: 'readEach'; readonly path: string; readonly name: string }
  /** Replaces the file as a whole: a reader sees the old or the new, never half. Default mode 0600. */
  | {
      readonly op: 'write';
      readonly path: string;
      readonly data: string | Uint8Array;
      readonly mode?: number;
    }
  | {
      readonly op: 'append';
      readonly path: string;
      readonly data: string | Uint8Array;
      readonly mode?: number;
    }
  /** A file of so many bytes that mean nothing: to be removed when others need the space. */
  | { readonly op: 'reserve'; readonly path: string; readonly bytes: number }
  /** Over whatever is at `to`. */
  | { readonly op: 'rename'; readonly from: string; readonly to: string }
  /** A file, or a folder with all in it. Nothing there is no failure. Links are removed, not followed. */
  | { readonly op: 'remove'; readonly path: string }
  /**
   * With its parents; default mode 0700. One that exists is left as it is but for a mode that is
   * given; with `exclusive` it is a failure (`EXISTS`).
   * With `owner`, it is given to another user, as only root may.
   */
  | {
      readonly op: 'mkdir';
      readonly path: string;
      readonly mode?: number;
      readonly exclusive?: boolean;
      readonly owner?: { readonly uid: number; readonly gid: number };
    }
  /** The names in a folder, sorted; none if it does not exist. */
  | { readonly op: 'list'; readonly path: string }
  /** Follows links; undefined if there is nothing. */
  | { readonly op: 'stat'; readonly path: string }
  /** The path with links and `..` resolved, undefined if there is nothing. */
  | { readonly op: 'realpath'; readonly path: string }
  /** Bytes free to an unprivileged user on the file system of `path`. */
  | { readonly op: 'freeSpace'; readonly path: string };

export interface FileStat {
  readonly kind: 'file' | 'directory' | 'socket' | 'block-device' | 'other';
  readonly size: number;
  /** ms since the Unix epoch. */
  readonly mtimeMs: number;
  readonly device: number;
  readonly inode: number;
  /** Of a device's node, which device that is (st_rdev); else 0. */
  readonly rdev: number;
  /** Permission bits. */
  readonly mode: number;
  readonly uid: number;
  /** As `access(X_OK)` has it for a file. */
  readonly executable: boolean;
}

interface ResultByOperation {
  read: Buffer | undefined;
  readPart: Buffer | undefined;
  readEach: Map<string, Buffer>;
  write: undefined;
  append: undefined;
  reserve: undefined;
  rename: undefined;
  remove: undefined;
  mkdir: undefined;
  list: string[];
  stat: FileStat | undefined;
  realpath: string | undefined;
  freeSpace: number;
}

export type FileResult<Op extends FileOperation> = ResultByOperation[Op['op']];
export type FileResults<Ops extends readonly FileOperation[]> = {
  -readonly [Index in keyof Ops]: FileResult<Ops[Index]>;
};
