/** Whose an entry is: it waits until the log has told the domain of what it is about. */
import { BoundedMap } from './bounded-map';
import type { LogEntry, Unattributed } from './entries';

/** Of one subject; a domain is told long before, the probe of an emulator never. */
const mostHeld = 2_000;

/** Subjects that are remembered. A daemon has fewer monitors and domains. */
const mostSubjects = 10_000;

export class Attribution {
  readonly #names = new BoundedMap<string, string>(mostSubjects);
  readonly #held = new BoundedMap<string, Unattributed[]>(mostSubjects);

  constructor(private readonly tell: (entry: LogEntry) => void) {}

  /**
   * @param subject a monitor or a domain, as the log names it
   * @returns false if so much waits for the subject's name that this entry is lost
   */
  add(subject: string, entry: Unattributed): boolean {
    const domain = this.#names.get(subject);
    if (domain !== undefined) {
      this.tell({ ...entry, domain });
      return true;
    }
    const held = this.#held.get(subject);
    if (held === undefined) this.#held.set(subject, [entry]);
    else if (held.length < mostHeld) held.push(entry);
    else return false;
    return true;
  }

  nameOf(subject: string): string | undefined {
    return this.#names.get(subject);
  }

  name(subject: string, domain: string): void {
    if (this.#names.get(subject) !== domain) this.#names.set(subject, domain);
    const held = this.#held.get(subject);
    if (held === undefined) return;
    this.#held.delete(subject);
    for (const entry of held) this.tell({ ...entry, domain });
  }

  /** The subject is no more, and what is not known of it is of nobody. */
  forget(subject: string): void {
    this.#names.delete(subject);
    this.#held.delete(subject);
  }
}
