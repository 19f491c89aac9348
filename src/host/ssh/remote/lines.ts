/** Cuts what comes into lines; they are kept until somebody listens to them. */
export class Lines {
  #kept: Buffer[] = [];
  #waiting: string[] = [];
  #onLine: ((line: string) => void) | undefined;

  add(data: Buffer): void {
    let start = 0;
    for (let end = data.indexOf(10); end >= 0; end = data.indexOf(10, start)) {
      const line = Buffer.concat([...this.#kept, data.subarray(start, end)]).toString();
      this.#kept = [];
      start = end + 1;
      if (this.#onLine) this.#onLine(line);
      else this.#waiting.push(line);
    }
    if (start < data.length) this.#kept.push(data.subarray(start));
  }

  listen(onLine: (line: string) => void): void {
    this.#onLine = onLine;
    for (const line of this.#waiting.splice(0)) this.#onLine(line);
  }
}
