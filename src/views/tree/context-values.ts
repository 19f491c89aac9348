/**
 * The words of a node's `contextValue`, which `when` clauses of menus test with
 * `viewItem =~ /regular expression/`. Words are parted by one space, in this order:
 *
 *     host        local|ssh  disconnected|connecting|connected|reconnecting|failed
 *     domain      STATE  own
 *     instance    source|target  alive|gone
 *     path-group
 *     path        file|socket|address|other  unique|shared|taken-back|left-out|refused  GROUP
 *     emulators
 *     emulator    usable|failing
 *     traces
 *     trace       finished|unfinished
 *     note        loading|empty|failed|disconnected
 *
 * - STATE: QEMU's RunState with `_` for `-` (`running`, `paused`, `guest_panicked` ...), or the
 *   engine's `migrating`, `gone`, `busy`, `unreachable`, `unknown`.
 * - `own`: this engine runs it, so it can be migrated, stopped and destroyed by it.
 * - GROUP: a `HoldingGroup`, so that `/^path file \S+ logs$/` is a log that can be followed.
 * - `unfinished`: the migration is under way, the trace still grows.
 *
 * A domain that can be migrated is `/^domain (running|paused) own$/`.
 */
export function contextValue(...words: readonly string[]): string {
  // A word of QEMU's could hold anything.
  return words.map((word) => word.replace(/[^\w-]+/g, '_')).join(' ');
}
