/** A trace and all that belongs to it as one file: what a bug report needs. Pure. */
import { basename } from 'node:path/posix';
import { redact } from '../trace/redact';
import { printRecord } from '../trace/file';
import { traceExtension, type TraceRecord } from '../trace/record';
import { report } from './report';
import { packTarball, type BundledFile } from './tar';

export interface BundleRequest {
  readonly tracePath: string;
  readonly records: readonly TraceRecord[];
  /** What the host says of itself. */
  readonly hostFacts: string;
  /** Of Sidestep. */
  readonly version: string;
}

/** Name of the bundle of this trace, without a folder. */
export function bundleName(tracePath: string): string {
  return `${nameOf(tracePath)}.tar.gz`;
}

/** Secrets are taken out once more: a trace may have been written by an older Sidestep. */
export function bundle({ tracePath, records, hostFacts, version }: BundleRequest): Buffer {
  const safe = records.map(redact);
  const folder = nameOf(tracePath);
  const files: BundledFile[] = [
    { path: 'report.txt', data: report(safe, version) },
    { path: `trace${traceExtension}`, data: safe.map(printRecord).join('') },
    ...printedFiles(safe),
    { path: 'host.txt', data: hostFacts },
  ];
  const at = (records.at(-1)?.at ?? 0) / 1_000_000;
  return packTarball(
    files.map(({ path, data }) => ({ path: `${folder}/${path}`, data })),
    at,
  );
}

/** Within the 100 bytes that a name may have there. */
function nameOf(tracePath: string): string {
  return `sidestep-${basename(tracePath, traceExtension)}`
    .replaceAll(/[^A-Za-z0-9._-]+/g, '_')
    .slice(0, 60);
}

/** What each instance printed, and the ends of the files that it wrote, each as a file. */
function printedFiles(records: readonly TraceRecord[]): BundledFile[] {
  const texts = new Map<string, string>();
  for (const record of records) {
    if (record.type !== 'output') continue;
    const name =
      record.path === undefined ? 'printed.txt' : `${basename(record.path).slice(-20)}.txt`;
    const path = `instance-${record.instance}/${name.replaceAll(/[^A-Za-z0-9._-]/g, '_')}`;
    texts.set(path, (texts.get(path) ?? '') + record.text);
  }
  return [...texts].map(([path, data]) => ({ path, data }));
}
