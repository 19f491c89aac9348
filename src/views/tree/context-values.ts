/**
 * The words of a node's `contextValue`, which `when` clauses of menus test with
 * `viewItem =~ /regular expression/`. Words are parted by one space, in this order:
 *
 *     host        local|ssh  disconnected|connecting|connected|reconnecting|failed
 *     domain      STATE  own  [from-libvirt]
 *     domain      STATE  libvirt  persistent|transient  current|outdated
 *     instance    source|target  alive|gone
 *     instance    source  alive  libvirt
 *     path-group
 *     path        file|socket|address|other  unique|shared|taken-back|left-out|refused  GROUP
 *     emulators
 *     emulator    usable|failing
 *     traces
 *     trace       finished|unfinished
 *     note        loading|empty|failed|disconnected|outdated
 *
 * - STATE: QEMU's RunState with `_` for `-` (`running`, `paused`, `guest_panicked` ...), or the
 *   engine's `migrating`, `gone`, `busy`, `unreachable`, `unknown`.
 * - `own`: this engine runs it, so it can be migrated, stopped and destroyed by it; `from-libvirt`: and
 *   be handed back to the libvirt that has had it.
 * - `libvirt`: a libvirt runs it. STATE is then that of `virsh domstate`, with `_` for what is no
 *   letter: `running`, `paused`, `shut_off`, `in_shutdown` ...
 * - `outdated`: another QEMU is installed in the place of the one that it runs.
 * - GROUP: a `HoldingGroup`, so that `/^path file \S+ logs$/` is a log that can be followed.
 * - `unfinished`: the migration is under way, the trace still grows.
 *
 * A domain that can be migrated is `/^domain (running|paused) (own|libvirt)/`, whoever runs it.
 */
export function contextValue(...words: readonly string[]): string {
  // A word of QEMU's could hold anything.
  return words.map((word) => word.replace(/[^\w-]+/g, '_')).join(' ');
}
