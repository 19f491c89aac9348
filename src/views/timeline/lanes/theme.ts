/** VS Code's colours, for a canvas: the page's CSS variables as they are now. */
import type { Side } from '../../../engine/trace/record';

export interface Theme {
  readonly background: string;
  readonly foreground: string;
  readonly dim: string;
  readonly grid: string;
  readonly source: string;
  readonly target: string;
  readonly good: string;
  readonly bad: string;
  readonly warning: string;
  readonly paused: string;
  readonly neutral: string;
  readonly focus: string;
  /** Around whatever has an area, in the high contrast themes. */
  readonly border: string | undefined;
  /** How much of its colour an area has: text on it must be readable. */
  readonly fill: number;
  readonly font: string;
  readonly smallFont: string;
  readonly boldFont: string;
}

export function readTheme(element: HTMLElement): Theme {
  const style = getComputedStyle(element);
  const color = (fallback: string, ...names: string[]) => {
    for (const name of names) {
      const value = style.getPropertyValue(`--vscode-${name}`).trim();
      if (value !== '') return value;
    }
    return fallback;
  };
  const classes = document.body.classList;
  const isHighContrast =
    classes.contains('vscode-high-contrast') || classes.contains('vscode-high-contrast-light');
  const isLight =
    classes.contains('vscode-light') || classes.contains('vscode-high-contrast-light');
  const foreground = color(isLight ? '#3b3b3b' : '#cccccc', 'editor-foreground', 'foreground');
  const family = color('sans-serif', 'font-family');
  return {
    background: color(isLight ? '#ffffff' : '#1f1f1f', 'editor-background'),
    foreground,
    dim: isHighContrast ? foreground : color('#8b8b8b', 'descriptionForeground'),
    // That of high contrast is a line like any other.
    grid: isHighContrast
      ? `color-mix(in srgb, ${foreground} 25%, transparent)`
      : color('#80808033', 'editorIndentGuide-background1', 'panel-border'),
    source: color('#4daafc', 'charts-blue'),
    target: color('#d18cff', 'charts-purple'),
    good: color('#89d185', 'charts-green'),
    bad: color('#f14c4c', 'errorForeground', 'charts-red'),
    warning: color('#cca700', 'charts-yellow'),
    // Themes make `charts-orange` one to be seen through.
    paused: color('#d18616', 'symbolIcon-classForeground'),
    neutral: color('#8b8b8b', 'descriptionForeground'),
    focus: color('#0078d4', 'focusBorder'),
    border: isHighContrast ? color(foreground, 'contrastBorder') : undefined,
    fill: isHighContrast ? 0 : isLight ? 0.28 : 0.42,
    font: `11px ${family}`,
    smallFont: `10.5px ${family}`,
    boldFont: `600 12px ${family}`,
  };
}

export function colorOfSide(theme: Theme, side: Side | undefined): string {
  return side === 'source' ? theme.source : side === 'target' ? theme.target : theme.neutral;
}

/** @returns ends the watch */
export function watchTheme(changed: () => void): () => void {
  const observer = new MutationObserver(changed);
  const attributes = {
    attributes: true,
    attributeFilter: ['class', 'style', 'data-vscode-theme-id'],
  };
  observer.observe(document.body, attributes);
  observer.observe(document.documentElement, attributes);
  return () => {
    observer.disconnect();
  };
}
