/**
 * What a libvirt daemon logs, and where to: its settings as virt-admin tells them, and what is added to
 * them to hear QMP. Filters are tried in order and the first that fits counts, so ours come first; all
 * that was logged before is logged as before, by outputs that take level 1 a little more.
 */

export interface LogSettings {
  /** `3:file:/var/log/libvirt/libvirtd.log 3:stderr` */
  readonly outputs: string;
  /** As virt-admin tells them: `1:*qemu.qemu_monitor* 3:*conf*`. */
  readonly filters: string;
}

/** All that LogReader makes something of. */
const ownFilters = [
  'qemu.qemu_monitor',
  'qemu.qemu_domain',
  'qemu.qemu_process',
  'qemu.qemu_migration',
  'util.threadjob',
]
  .map((source) => `1:*${source}*`)
  .join(' ');

/** @param files what is logged goes to these as well; without any there is nothing to add */
export function withFiles(before: LogSettings, files: readonly string[]): LogSettings {
  if (files.length === 0) return before;
  return {
    outputs: joined(before.outputs, ...files.map((file) => `1:file:${file}`)),
    filters: joined(ownFilters, before.filters),
  };
}

/**
 * The settings without what `withFiles` has added, also if they were changed by somebody meanwhile.
 * @param before what they were before it was added
 */
export function withoutFiles(
  now: LogSettings,
  before: LogSettings,
  files: readonly string[],
): LogSettings {
  // Either nothing was added yet, or all is as it was left: whatever was set before is known for certain.
  if (areSame(now, before) || areSame(now, withFiles(before, files))) return before;
  const own = new Set(files.map((file) => `1:file:${file}`));
  const outputs = now.outputs.split(' ').filter((output) => !own.has(output));
  const filters = `${now.filters} `.startsWith(`${ownFilters} `)
    ? now.filters.slice(ownFilters.length + 1)
    : now.filters;
  return { outputs: outputs.join(' '), filters };
}

function areSame(a: LogSettings, b: LogSettings): boolean {
  return a.outputs === b.outputs && a.filters === b.filters;
}

/** The daemon puts a star at both ends of what a filter is to match, also where there is one. */
export function typedFilters({ filters }: LogSettings): string {
  return filters
    .split(' ')
    .map((filter) => filter.replace(/^(\d+:)\*(.*)\*$/, '$1$2'))
    .join(' ');
}

function joined(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(' ');
}
