/** Passwords and passphrases that the user wants to be remembered: in VS Code's SecretStorage only. */
import type * as vscode from 'vscode';

/** What there is in the SecretStorage, which does not tell by itself; no secret is in it. */
const indexKey = 'sidestep.rememberedSecrets';

export class Secrets {
  constructor(
    private readonly storage: vscode.SecretStorage,
    private readonly state: vscode.Memento,
  ) {}

  get(key: string): Thenable<string | undefined> {
    return this.storage.get(key);
  }

  async remember(key: string, secret: string): Promise<void> {
    await this.state.update(indexKey, [...new Set([...this.#keys, key])]);
    await this.storage.store(key, secret);
  }

  async forget(key: string): Promise<void> {
    await this.storage.delete(key);
    await this.state.update(
      indexKey,
      this.#keys.filter((each) => each !== key),
    );
  }

  /** @returns how many there were */
  async forgetAll(): Promise<number> {
    const keys = this.#keys;
    for (const key of keys) await this.forget(key);
    return keys.length;
  }

  /** Whether anything is remembered under a key that begins so. */
  hasAny(begin: string): boolean {
    return this.#keys.some((key) => key.startsWith(begin));
  }

  get #keys(): readonly string[] {
    return this.state.get<string[]>(indexKey, []);
  }
}
