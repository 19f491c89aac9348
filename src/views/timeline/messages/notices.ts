/** What the user must know that the trace does not say. */
import { visibleText } from '../visible-text';

/** Long enough to be read. */
const shownMs = 8_000;

export class Notices {
  /** Stays until it is over. */
  readonly problem = document.createElement('div');
  /** Goes by itself. */
  readonly failure = document.createElement('div');
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    this.problem.className = 'problem';
    this.problem.role = 'status';
    this.problem.hidden = true;
    this.failure.className = 'notice';
    this.failure.role = 'alert';
    this.failure.hidden = true;
  }

  showProblem(message: string, hint = ''): void {
    this.problem.textContent = visibleText(`${message} ${hint}`.trim());
    this.problem.hidden = false;
  }

  clearProblem(): void {
    this.problem.hidden = true;
  }

  showFailure(message: string): void {
    this.failure.textContent = visibleText(message);
    this.failure.hidden = false;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.failure.hidden = true;
    }, shownMs);
  }
}
