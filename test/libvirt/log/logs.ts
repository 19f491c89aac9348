/**
 * Logs that real libvirtds have written, and lines as they write them. The files in
 * test/data/libvirt-log were shortened: what libvirt asks of a CPU and of an emulator, and lines that
 * nothing is learned from.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from '../../../scripts/setup/cache.mjs';
import type { LogEntry } from '../../../src/libvirt/log/entries';
import { LogReader } from '../../../src/libvirt/log/log-reader';

export function logPath(name: string): string {
  return join(repository, 'test/data/libvirt-log', name);
}

export interface Heard {
  readonly entries: readonly LogEntry[];
  readonly uuids: ReadonlyMap<string, string>;
  readonly hostnames: readonly string[];
}

/** @param pieceSize how many bytes the reader is given at once */
export function read(log: string | Buffer, pieceSize = Infinity): Heard {
  const bytes = Buffer.from(log);
  const entries: LogEntry[] = [];
  const uuids = new Map<string, string>();
  const hostnames: string[] = [];
  const reader = new LogReader({
    onEntry: (entry) => entries.push(entry),
    onUuid: (domain, uuid) => uuids.set(domain, uuid),
    onHostname: (name) => hostnames.push(name),
  });
  for (let at = 0; at < bytes.length; at += pieceSize) {
    reader.read(bytes.subarray(at, at + pieceSize));
  }
  reader.end();
  return { entries, uuids, hostnames };
}

export function readFile(name: string, pieceSize?: number): Heard {
  return read(readFileSync(logPath(name)), pieceSize);
}

const start = Date.parse('2026-11-23T14:00:00.000Z');

/** Thread, level and message. */
export type Line = readonly [number, string, string];

/** A log whose lines are a millisecond apart. */
export function logOf(...lines: readonly Line[]): string {
  return lines
    .map(([thread, level, message], index) => {
      const time = new Date(start + index).toISOString().replace('T', ' ').replace('Z', '+0000');
      return `${time}: ${thread}: ${level} : someFunction:123 : ${message}\n`;
    })
    .join('');
}
