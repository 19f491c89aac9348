/** The page's end of the talk with its host side. */
import * as v from 'valibot';
import { FromPageSchema, ToPageSchema, type FromPage, type ToPage } from '../protocol';

type Request = Extract<FromPage, { request: number }>;
type WithoutNumber<R> = R extends Request ? Omit<R, 'request'> : never;
/** What the page asks for, before it has a number. */
export type PageRequest = WithoutNumber<Request>;

/** What the host side tells by itself, not as an answer. */
export type Told = Exclude<ToPage, { request: number }>;

interface Pending {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export class HostLink {
  readonly #pending = new Map<number, Pending>();
  #requests = 0;

  /**
   * @param post brings a message to the host side
   * @param onTold hears what the host side tells
   */
  constructor(
    private readonly post: (message: FromPage) => void,
    private readonly onTold: (told: Told) => void,
  ) {}

  /** To be called with each message that comes. */
  hear(message: unknown): void {
    const { success, output, issues } = v.safeParse(ToPageSchema, message);
    if (!success) {
      this.tellError(`A message that is none: ${v.summarize(issues)}`);
    } else if (output.type === 'done') {
      this.#take(output.request)?.resolve();
    } else if (output.type === 'failed') {
      this.#take(output.request)?.reject(new Error(output.message));
    } else {
      this.onTold(output);
    }
  }

  ready(): void {
    this.post({ type: 'ready' });
  }

  /**
   * Resolves when it was done.
   * @throws Error why it was not, in words for the user
   */
  ask(request: PageRequest): Promise<void> {
    const number = ++this.#requests;
    return new Promise((resolve, reject) => {
      this.#pending.set(number, { resolve, reject });
      this.post(v.parse(FromPageSchema, { ...request, request: number }));
    });
  }

  /** A fault of the page's own, for the log. */
  tellError(message: string): void {
    this.post({ type: 'page-error', message });
  }

  #take(request: number): Pending | undefined {
    const pending = this.#pending.get(request);
    this.#pending.delete(request);
    return pending;
  }
}
