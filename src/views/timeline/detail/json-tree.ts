/** A JSON value as a tree that opens and shuts, by the pointer and by the keyboard. */
import { t } from '../l10n';
import { entriesOf, kindOf, leafText, openAtFirst, previewOf, type JsonEntry } from './json-nodes';

/** Children put into the document at once; the others come when they are asked for. */
const chunk = 200;

export class JsonTree {
  readonly element = document.createElement('ul');
  readonly #open: ReadonlySet<object>;
  /** The one that Tab leads to. */
  #current: HTMLElement;

  constructor(label: string, value: unknown) {
    const { element } = this;
    element.className = 'json-tree';
    element.role = 'tree';
    element.ariaLabel = label;
    this.#open = openAtFirst(value);
    this.#current = this.#makeItem({ key: '', value }, 1, true);
    this.#current.tabIndex = 0;
    element.append(this.#current);
    element.addEventListener('click', ({ target }) => {
      const item = itemOf(target);
      if (item === undefined) return;
      this.#go(item);
      this.#toggle(item);
    });
    element.addEventListener('keydown', (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (!this.#pressed(event.key)) return;
      event.preventDefault();
      event.stopPropagation();
    });
  }

  focus(): void {
    this.#current.focus();
  }

  #makeItem({ key, value }: JsonEntry, level: number, isRoot = false): HTMLElement {
    const item = document.createElement('li');
    item.role = 'treeitem';
    item.tabIndex = -1;
    item.setAttribute('aria-level', String(level));
    const line = document.createElement('div');
    line.className = 'json-line';
    line.style.paddingInlineStart = `${level * 14 + 8}px`;
    const twistie = document.createElement('span');
    twistie.className = 'twistie';
    line.append(twistie);
    if (!isRoot) {
      const name = document.createElement('span');
      name.className = 'json-key';
      name.textContent = `${previewOf(key).slice(1, -1)}: `;
      line.append(name);
    }
    const shown = document.createElement('span');
    shown.className = `json-value json-${kindOf(value)}`;
    line.append(shown);
    item.append(line);
    const entries = entriesOf(value);
    if (entries.length === 0) {
      shown.textContent = leafText(value);
      return item;
    }
    const children = document.createElement('ul');
    children.role = 'group';
    item.append(children);
    item.addEventListener('json-toggle', (event) => {
      event.stopPropagation();
      const opens = item.ariaExpanded !== 'true';
      item.ariaExpanded = String(opens);
      children.hidden = !opens;
      shown.textContent = opens ? countOf(value, entries.length) : previewOf(value);
      if (opens && children.childElementCount === 0)
        this.#addChildren(children, entries, level + 1);
    });
    item.ariaExpanded = String(!this.#open.has(value as object));
    item.dispatchEvent(new Event('json-toggle'));
    return item;
  }

  #addChildren(parent: HTMLElement, entries: readonly JsonEntry[], level: number, from = 0): void {
    const next = entries.slice(from, from + chunk);
    parent.append(...next.map((entry) => this.#makeItem(entry, level)));
    const left = entries.length - from - next.length;
    if (left === 0) return;
    const more = this.#makeItem({ key: '', value: null }, level, true);
    const text = more.querySelector('.json-value');
    if (text !== null) text.textContent = t('{0} more …', left);
    more.addEventListener('json-toggle', (event) => {
      event.stopPropagation();
      const before = more.previousElementSibling;
      more.remove();
      this.#addChildren(parent, entries, level, from + chunk);
      if (before?.nextElementSibling instanceof HTMLElement) this.#go(before.nextElementSibling);
    });
    parent.append(more);
  }

  #toggle(item: HTMLElement): void {
    item.dispatchEvent(new Event('json-toggle'));
  }

  /** @returns whether the key means anything here */
  #pressed(key: string): boolean {
    const item = this.#current;
    const isOpen = item.ariaExpanded === 'true';
    switch (key) {
      case 'ArrowDown':
        this.#goBy(1);
        return true;
      case 'ArrowUp':
        this.#goBy(-1);
        return true;
      case 'Home':
        this.#go(this.#inSight()[0]);
        return true;
      case 'End':
        this.#go(this.#inSight().at(-1));
        return true;
      case 'ArrowRight':
        if (isOpen) this.#goBy(1);
        else this.#toggle(item);
        return true;
      case 'ArrowLeft':
        if (isOpen) this.#toggle(item);
        else this.#go(item.parentElement?.closest<HTMLElement>('[role=treeitem]') ?? undefined);
        return true;
      case 'Enter':
      case ' ':
        this.#toggle(item);
        return true;
      default:
        return false;
    }
  }

  #goBy(step: number): void {
    const items = this.#inSight();
    this.#go(items[items.indexOf(this.#current) + step]);
  }

  #go(item: HTMLElement | undefined): void {
    if (item === undefined) return;
    this.#current.tabIndex = -1;
    this.#current = item;
    item.tabIndex = 0;
    item.focus();
  }

  #inSight(): HTMLElement[] {
    const items = this.element.querySelectorAll<HTMLElement>('[role=treeitem]');
    return [...items].filter((item) => item.parentElement?.closest('[hidden]') === null);
  }
}

function itemOf(target: EventTarget | null): HTMLElement | undefined {
  const element = target instanceof Element ? target : undefined;
  return element?.closest<HTMLElement>('[role=treeitem]') ?? undefined;
}

/** Beside an open container. */
function countOf(value: unknown, count: number): string {
  return Array.isArray(value) ? `[${String(count)}]` : `{${String(count)}}`;
}
