/** What VS Code gives to the script of a webview. */
export interface VsCodeApi {
  postMessage(message: unknown): void;
  /** What was set last: kept while the page is hidden, and over a reload. */
  getState(): unknown;
  setState(state: unknown): void;
}

declare global {
  /** May be called once. */
  function acquireVsCodeApi(): VsCodeApi;
}
